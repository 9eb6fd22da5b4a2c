// What the parts of a shim need of the running container: to run one more process in it.
#pragma once
#include "base/async.hh"
#include "base/error.hh"
#include "base/waiter.hh"
#include "runtime/exec.hh"

namespace fairlead::shim {

class Inside {
public:
  virtual ~Inside() = default;
  // Fails with ESRCH when the container does not run, and EBUSY while it is paused.
  virtual Async<Result<Process>> run(Waiter& waiter, const ProcessSpec& process,
                                     const Stdio& stdio) = 0;
  // The process of the configuration, which health probes take user, env and folder from.
  virtual ProcessSpec process() const = 0;
};

// The exit code as a shell tells it, from a wait(2) status: 128 + signal after a death by signal.
int exit_code_of(int wait_status);
// What a program that could not be run exits with in a shell: 127 not found, 126 not executable.
int exit_code_of(const Error& error);

} // namespace fairlead::shim
