// Rendering of errors, for people and for the wire.
#include "base/error.hh"

#include <cstdio>
#include <cstring>

namespace fairlead {

namespace {

void append_quoted(std::string& out, const std::string& text) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", byte);
      out += escaped;
    } else {
      out += c;
    }
  }
  out += '"';
}

} // namespace

std::string describe(const Error& error) {
  std::string out = error.step;
  if (!error.path.empty()) out += ": " + error.path;
  if (!error.detail.empty()) out += ": " + error.detail;
  if (error.code != 0) out += std::string(": ") + std::strerror(error.code);
  return out;
}

std::string to_json(const Error& error) {
  std::string out = "{\"step\":";
  append_quoted(out, error.step);
  out += ",\"errno\":" + std::to_string(error.code) + ",\"path\":";
  append_quoted(out, error.path);
  out += ",\"message\":";
  append_quoted(out, describe(error));
  return out + "}";
}

} // namespace fairlead
