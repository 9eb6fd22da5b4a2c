// Further processes in a running container. The caller is their parent and must reap them.
#pragma once
#include <sys/types.h>

#include <functional>
#include <string>

#include "base/async.hh"
#include "base/error.hh"
#include "base/fd.hh"
#include "base/waiter.hh"
#include "runtime/cgroup.hh"
#include "runtime/spec.hh"
#include "runtime/stdio.hh"

namespace fairlead {

struct ExecOptions {
  std::string run_dir; // as in CreateOptions
  int preserve_fds = 0;
  std::string state;                         // of the container, for a seccomp listener
  std::function<Status(pid_t)> enter_cgroup; // as in CreateOptions
};

struct Process {
  pid_t pid = -1;
  Fd pidfd;
  Fd console_master;
};

// Runs a further process in all namespaces and the cgroup of a container whose first process is
// `init`; returns after its exec. With a waiter it stands still where that does, and gives up when
// its time is over, which a process of the same namespace can bring about by stopping this one.
Async<Result<Process>> exec(Waiter& waiter, const Spec& container, const Cgroup& cgroup, pid_t init,
                            const ProcessSpec& process, const Stdio& stdio,
                            const ExecOptions& options);
Result<Process> exec(const Spec& container, const Cgroup& cgroup, pid_t init,
                     const ProcessSpec& process, const Stdio& stdio, const ExecOptions& options);

} // namespace fairlead
