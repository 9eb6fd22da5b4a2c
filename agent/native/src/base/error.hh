// The one error type of the native library: which step failed, with which errno, on which path.
#pragma once
#include <cerrno>
#include <expected>
#include <string>

namespace fairlead {

struct Error {
  std::string step;   // what was attempted, e.g. "mount overlay"
  int code = 0;       // errno, 0 when the failure is not the kernel's
  std::string path;   // the object concerned, empty when there is none
  std::string detail; // a sentence for failures that have no errno
};

template <typename T> using Result = std::expected<T, Error>;
using Status = std::expected<void, Error>;

// Captures errno at the call site.
inline std::unexpected<Error> fail(std::string step, std::string path = {}) {
  return std::unexpected(Error{std::move(step), errno, std::move(path), {}});
}
inline std::unexpected<Error> refuse(std::string step, std::string detail, std::string path = {}) {
  return std::unexpected(Error{std::move(step), 0, std::move(path), std::move(detail)});
}

// One line for a person: "step: path: No such file or directory".
std::string describe(const Error& error);
// The same as a JSON object: {"step":…,"errno":…,"path":…,"message":…}.
std::string to_json(const Error& error);

} // namespace fairlead
