// Quoting of bytes as JSON.
#include "shim/json/quote.hh"

#include <cstdio>

namespace fairlead::shim {

namespace {

// Length of the well-formed UTF-8 sequence at the start of text (RFC 3629), 0 when there is none.
size_t utf8_length(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto follows = [&](size_t i) { return i < text.size() && (byte(i) & 0xc0) == 0x80; };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    if (!follows(1) || !follows(2)) return 0;
    if (first == 0xe0 && byte(1) < 0xa0) return 0;
    return first == 0xed && byte(1) > 0x9f ? 0 : 3;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    if (!follows(1) || !follows(2) || !follows(3)) return 0;
    if (first == 0xf0 && byte(1) < 0x90) return 0;
    return first == 0xf4 && byte(1) > 0x8f ? 0 : 4;
  }
  return 0;
}

// U+2028 and U+2029 end a line in JavaScript; Go's encoder, and so Docker, escapes them.
bool is_line_separator(std::string_view text) {
  return text.substr(0, 2) == "\xe2\x80" && (text[2] == '\xa8' || text[2] == '\xa9');
}

// How many bytes from the start on need no escape; most of a log is such.
size_t plain_length(std::string_view text) {
  size_t length = 0;
  while (length < text.size()) {
    const auto c = static_cast<unsigned char>(text[length]);
    const bool marked = c == '"' || c == '\\' || c == '<' || c == '>' || c == '&';
    if (c < 0x20 || c >= 0x80 || marked) break;
    ++length;
  }
  return length;
}

void append_ascii(std::string& out, char c) {
  switch (c) {
  case '"': out += "\\\""; return;
  case '\\': out += "\\\\"; return;
  case '\n': out += "\\n"; return;
  case '\r': out += "\\r"; return;
  case '\t': out += "\\t"; return;
  default: break;
  }
  if (c >= 0x20 && c != '<' && c != '>' && c != '&') {
    out += c;
    return;
  }
  char escaped[8];
  std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
  out += escaped;
}

} // namespace

void append_quoted(std::string& out, std::string_view bytes) {
  out += '"';
  while (!bytes.empty()) {
    if (const size_t plain = plain_length(bytes); plain > 0) {
      out += bytes.substr(0, plain);
      bytes.remove_prefix(plain);
      continue;
    }
    const size_t length = utf8_length(bytes);
    if (length == 0) {
      out += "\\ufffd";
      bytes.remove_prefix(1);
      continue;
    }
    if (length == 1) append_ascii(out, bytes[0]);
    else if (length != 3 || !is_line_separator(bytes)) out += bytes.substr(0, length);
    else out += bytes[2] == '\xa8' ? "\\u2028" : "\\u2029";
    bytes.remove_prefix(length);
  }
  out += '"';
}

std::string quoted(std::string_view bytes) {
  std::string out;
  append_quoted(out, bytes);
  return out;
}

} // namespace fairlead::shim
