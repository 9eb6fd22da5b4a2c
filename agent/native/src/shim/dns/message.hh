// DNS messages as values (RFC 1035, RFC 6891): a strict parser of queries and a writer of answers.
// Pure: no sockets, no files.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::shim::dns {

enum class Type : uint16_t { a = 1, ptr = 12, aaaa = 28, opt = 41, any = 255 };
enum class Code : uint8_t { ok = 0, format = 1, failure = 2, unknown_name = 3, unsupported = 4 };

struct Query {
  uint16_t id = 0;
  uint16_t flags = 0;
  std::string name; // lower case, without the last dot
  uint16_t type = 0;
  uint16_t klass = 0;
  std::string question; // as it was sent, to be repeated in the answer
  bool edns = false;
  uint16_t udp_bytes = 512; // the longest answer the asker takes over UDP
};

struct Record {
  Type type;
  std::string data;
};

struct Parsed {
  Code code = Code::format; // ok, or what to answer instead
  Query query;              // id and flags are set even when the code is not ok
};

// Nothing for what deserves no answer at all: too short for a header, or itself an answer.
std::optional<Parsed> parse_query(std::string_view packet);
// An answer of at most `limit` bytes; one that does not fit has no records and the TC bit.
std::string answer(const Query& query, Code code, const std::vector<Record>& records, size_t limit);
// A name as labels, for PTR data; nothing when a label or the name is too long.
std::optional<std::string> encode_name(std::string_view name);
// The address that a name in in-addr.arpa or ip6.arpa stands for: 4 or 16 bytes.
std::optional<std::string> reverse_address(std::string_view name);
// Whether packet answers the question that was asked with this id.
bool answers(std::string_view packet, uint16_t id, std::string_view question);

uint16_t read16(std::string_view packet, size_t at);
void write16(std::string& packet, size_t at, uint16_t value);

} // namespace fairlead::shim::dns
