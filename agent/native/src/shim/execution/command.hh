// Runs another program to its end and keeps what it said: how a runtime is told what to do.
#pragma once
#include <string>
#include <vector>

#include "base/async.hh"
#include "base/error.hh"
#include "base/fd.hh"
#include "base/waiter.hh"
#include "runtime/cgroup.hh"

namespace fairlead::shim {

struct Command {
  std::vector<std::string> argv;   // argv[0] is an absolute path
  std::string input;               // on its stdin, unless `in` is given
  int in = -1, out = -1, err = -1; // -1: `input`, and kept as the answer's output
  std::vector<int> passed;         // further descriptors, by the same numbers
  const Cgroup* group = nullptr;   // runs in there
  int64_t timeout_ms = 30'000;
};

struct Answer {
  int wait_status = 0;
  std::string output; // the last 4 KiB
  bool good() const { return wait_status == 0; }
};

// Waits for the program; one that takes longer than its time, or than the waiter's, is killed with
// its process group, with ETIMEDOUT. Its environment is PATH and HOME only.
Async<Result<Answer>> run(Waiter& waiter, const Command& command);
// Only starts it; the caller reaps it.
Result<pid_t> spawn(const Command& command);

// Connections to a runtime: a short-lived listening socket that takes one descriptor.
class FdInbox {
public:
  static Result<FdInbox> open(std::string path);
  FdInbox(FdInbox&&) = default;
  ~FdInbox();
  const std::string& path() const { return path_; }
  // The descriptor that somebody has sent; waits at most timeout_ms.
  Async<Result<Fd>> take(Waiter& waiter, int64_t timeout_ms) const;

private:
  FdInbox(std::string path, Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  std::string path_;
  Fd fd_;
};

} // namespace fairlead::shim
