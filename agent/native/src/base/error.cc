// Rendering of errors, for people and for the wire.
#include "base/error.hh"

#include <cstring>

#include "base/json-text.hh"

namespace fairlead {

std::string describe(const Error& error) {
  std::string out = error.step;
  if (!error.path.empty()) out += ": " + error.path;
  if (!error.detail.empty()) out += ": " + error.detail;
  if (error.code != 0) out += std::string(": ") + std::strerror(error.code);
  return out;
}

std::string to_json(const Error& error) {
  std::string out = "{\"step\":";
  out += quoted(error.step);
  out += ",\"errno\":" + std::to_string(error.code) + ",\"path\":" + quoted(error.path);
  return out + ",\"message\":" + quoted(describe(error)) + "}";
}

} // namespace fairlead
