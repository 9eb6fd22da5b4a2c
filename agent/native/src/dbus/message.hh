// Messages of the D-Bus wire protocol (D-Bus Specification, "Message Protocol" and "Type System"):
// writing of those that we send, and reading of any bytes that a peer sends. Knows no socket.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hh"

namespace fairlead::dbus {

// "Message Format": the four types.
enum class Type : uint8_t { call = 1, reply = 2, error = 3, signal = 4 };

// What we take from a peer at most; the specification allows 128 MiB.
constexpr size_t MOST_BYTES = 1U << 20U;
constexpr size_t PROLOGUE = 16; // the fixed part, up to and with the length of the header fields

// Appends values with their alignment ("Marshaling"); positions count from the message's start.
class Writer {
public:
  void byte(uint8_t value) { bytes_.push_back(static_cast<char>(value)); }
  void number(uint32_t value);
  void number(uint64_t value);
  void number(int32_t value) { number(static_cast<uint32_t>(value)); }
  void number(int64_t value) { number(static_cast<uint64_t>(value)); }
  void flag(bool value) { number(uint32_t{value}); }
  void text(std::string_view value);      // types s and o
  void signature(std::string_view value); // type g
  void align(size_t to);

  // An array whose elements are aligned to `to`; end_array wants what begin_array has returned.
  struct Array {
    size_t length_at, begin;
  };
  Array begin_array(size_t to);
  void end_array(const Array& array);

  std::string& bytes() { return bytes_; }

private:
  std::string bytes_;
};

// Takes values off bytes that anybody may have written. After the first value that does not fit,
// all further ones are empty and ok() is false.
class Reader {
public:
  Reader(std::string_view bytes, bool big_endian) : bytes_(bytes), big_endian_(big_endian) {}

  uint8_t byte();
  uint32_t number32();
  uint64_t number64();
  std::string text();      // types s and o
  std::string signature(); // type g
  void align(size_t to);
  // Leaves a value of a basic type out; false for a container, which no header field has.
  bool skip(char type);
  bool ok() const { return ok_; }
  size_t at() const { return at_; }

private:
  template <typename T> T number();
  std::string_view take(size_t count);
  std::string_view bytes_;
  bool big_endian_;
  size_t at_ = 0;
  bool ok_ = true;
};

struct Message {
  Type type = Type::call;
  uint32_t serial = 0, reply_serial = 0;
  std::string path, interface, member, error_name, sender, signature;
  std::string body;
  bool big_endian = false;

  Reader reader() const { return Reader(body, big_endian); }
};

struct Call {
  std::string destination; // empty: the connection's own
  std::string path, interface, member, signature;
  std::string body;
};

// The bytes of a method call.
std::string encode_call(const Call& call, uint32_t serial);
// How long the message is that begins with these PROLOGUE bytes.
Result<size_t> message_size(std::string_view prologue);
// Reads one whole message.
Result<Message> decode_message(std::string_view bytes);

} // namespace fairlead::dbus
