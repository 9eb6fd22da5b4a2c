// Parsing and writing of DNS messages.
#include "shim/dns/message.hh"

#include <algorithm>

namespace fairlead::shim::dns {

namespace {

constexpr size_t HEADER = 12;
constexpr size_t LONGEST_NAME = 255;
constexpr uint16_t QR = 0x8000, OPCODE = 0x7800, TC = 0x0200, RD = 0x0100, RA = 0x0080;
constexpr uint16_t LEAST_UDP = 512, MOST_UDP = 4096;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

void push16(std::string& out, uint16_t value) {
  out += static_cast<char>(value >> 8);
  out += static_cast<char>(value);
}

// Reads an uncompressed name at `at` and moves past it. Bytes that would make two names look
// alike in text (a dot or NUL in a label) are refused.
bool read_name(std::string_view packet, size_t& at, std::string& name) {
  const size_t start = at;
  name.clear();
  for (;;) {
    if (at >= packet.size()) return false;
    const auto length = static_cast<unsigned char>(packet[at++]);
    if (length == 0) return true;
    if (length > 63 || at + length > packet.size() || at + length - start >= LONGEST_NAME)
      return false;
    if (!name.empty()) name += '.';
    for (size_t i = 0; i < length; ++i) {
      const char c = packet[at + i];
      if (c == '.' || c == '\0') return false;
      name += lower(c);
    }
    at += length;
  }
}

// The additional section of a query: one OPT record is read, others are stepped over.
bool read_additional(std::string_view packet, size_t at, uint16_t count, Query& query) {
  std::string owner;
  for (uint16_t i = 0; i < count; ++i) {
    if (!read_name(packet, at, owner) || at + 10 > packet.size()) return false;
    const uint16_t type = read16(packet, at);
    const uint16_t size = read16(packet, at + 2);
    const uint16_t length = read16(packet, at + 8);
    at += 10;
    if (at + length > packet.size()) return false;
    at += length;
    if (type != static_cast<uint16_t>(Type::opt)) continue;
    if (query.edns || !owner.empty()) return false;
    query.edns = true;
    query.udp_bytes = std::clamp(size, LEAST_UDP, MOST_UDP);
  }
  return true;
}

std::vector<std::string_view> split_labels(std::string_view name) {
  std::vector<std::string_view> labels;
  while (!name.empty() && labels.size() < 128) {
    const size_t dot = name.find('.');
    labels.push_back(name.substr(0, dot));
    if (dot == std::string_view::npos) break;
    name.remove_prefix(dot + 1);
  }
  return labels;
}

std::optional<std::string> reverse_ipv4(const std::vector<std::string_view>& labels) {
  std::string out;
  for (size_t i = 4; i-- > 0;) {
    const std::string_view label = labels[i];
    if (label.empty() || label.size() > 3 || (label.size() > 1 && label[0] == '0')) return {};
    unsigned value = 0;
    for (const char c : label) {
      if (c < '0' || c > '9') return {};
      value = value * 10 + static_cast<unsigned>(c - '0');
    }
    if (value > 255) return {};
    out += static_cast<char>(value);
  }
  return out;
}

std::optional<std::string> reverse_ipv6(const std::vector<std::string_view>& labels) {
  constexpr std::string_view DIGITS = "0123456789abcdef";
  std::string out(16, '\0');
  for (size_t i = 0; i < 32; ++i) {
    const std::string_view label = labels[31 - i];
    const size_t digit = label.size() == 1 ? DIGITS.find(label[0]) : std::string_view::npos;
    if (digit == std::string_view::npos) return {};
    out[i / 2] = static_cast<char>(static_cast<unsigned char>(out[i / 2]) << 4 | digit);
  }
  return out;
}

} // namespace

std::optional<Parsed> parse_query(std::string_view packet) {
  if (packet.size() < HEADER) return {};
  Parsed parsed;
  Query& query = parsed.query;
  query.id = read16(packet, 0);
  query.flags = read16(packet, 2);
  if ((query.flags & QR) != 0) return {};
  if ((query.flags & OPCODE) != 0) {
    parsed.code = Code::unsupported;
    return parsed;
  }
  const bool one_question =
      read16(packet, 4) == 1 && read16(packet, 6) == 0 && read16(packet, 8) == 0;
  if (!one_question || (query.flags & TC) != 0) return parsed;
  size_t at = HEADER;
  if (!read_name(packet, at, query.name) || at + 4 > packet.size()) return parsed;
  query.type = read16(packet, at);
  query.klass = read16(packet, at + 2);
  at += 4;
  const std::string_view question = packet.substr(HEADER, at - HEADER);
  if (!read_additional(packet, at, read16(packet, 10), query)) return parsed;
  query.question = question;
  parsed.code = Code::ok;
  return parsed;
}

std::string answer(const Query& query, Code code, const std::vector<Record>& records,
                   size_t limit) {
  std::string out;
  push16(out, query.id);
  const uint16_t kept = query.flags & (OPCODE | RD);
  push16(out, static_cast<uint16_t>(QR | kept | RA | static_cast<uint16_t>(code)));
  push16(out, query.question.empty() ? 0 : 1);
  push16(out, static_cast<uint16_t>(records.size()));
  push16(out, 0);
  push16(out, query.edns ? 1 : 0);
  out += query.question;
  for (const Record& record : records) {
    push16(out, 0xc00c); // the name in the question
    push16(out, static_cast<uint16_t>(record.type));
    push16(out, 1);
    out.append(4, '\0'); // time to live
    push16(out, static_cast<uint16_t>(record.data.size()));
    out += record.data;
  }
  if (query.edns) {
    out += '\0';
    push16(out, static_cast<uint16_t>(Type::opt));
    push16(out, MOST_UDP);
    out.append(6, '\0');
  }
  if (out.size() <= limit || records.empty()) return out;
  std::string cut = answer(query, code, {}, limit);
  write16(cut, 2, read16(cut, 2) | TC);
  return cut;
}

std::optional<std::string> encode_name(std::string_view name) {
  std::string out;
  for (const std::string_view label : split_labels(name)) {
    if (label.empty() || label.size() > 63) return {};
    out += static_cast<char>(label.size());
    out += label;
  }
  out += '\0';
  if (out.size() > LONGEST_NAME) return {};
  return out;
}

std::optional<std::string> reverse_address(std::string_view name) {
  const std::vector<std::string_view> labels = split_labels(name);
  const auto ends = [&](std::string_view zone, size_t count) {
    return labels.size() == count + 2 && labels[count] == zone && labels[count + 1] == "arpa";
  };
  if (ends("in-addr", 4)) return reverse_ipv4(labels);
  if (ends("ip6", 32)) return reverse_ipv6(labels);
  return {};
}

bool answers(std::string_view packet, uint16_t id, std::string_view question) {
  if (packet.size() < HEADER + question.size()) return false;
  if (read16(packet, 0) != id || (read16(packet, 2) & QR) == 0) return false;
  if (read16(packet, 4) != 1) return false;
  return std::ranges::equal(packet.substr(HEADER, question.size()), question, {}, lower, lower);
}

uint16_t read16(std::string_view packet, size_t at) {
  return static_cast<uint16_t>(static_cast<unsigned char>(packet[at]) << 8 |
                               static_cast<unsigned char>(packet[at + 1]));
}

void write16(std::string& packet, size_t at, uint16_t value) {
  packet[at] = static_cast<char>(value >> 8);
  packet[at + 1] = static_cast<char>(value);
}

} // namespace fairlead::shim::dns
