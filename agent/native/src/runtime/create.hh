// The beginning of a container: created (all set up, waiting before exec), then started. The caller
// is the parent of every process made here and must reap it; no state is kept on disk.
#pragma once
#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "base/async.hh"
#include "base/error.hh"
#include "base/fd.hh"
#include "base/waiter.hh"
#include "runtime/cgroup.hh"
#include "runtime/spec.hh"
#include "runtime/stdio.hh"

namespace fairlead {

struct CreateOptions {
  std::string id;
  std::string bundle;  // a relative root.path starts here
  std::string run_dir; // RUN/seccomp keeps compiled filters; empty: no cache
  Stdio stdio;
  int listener = -1;    // a listening unix socket: start comes there, from another process
  int preserve_fds = 0; // descriptors 3… that the process keeps
  bool no_pivot = false, no_new_keyring = false;
  // How the first process comes into the cgroup where another makes it, such as systemd; the limits
  // are set afterwards. Without it the runtime makes the cgroup.
  std::function<Status(pid_t)> enter_cgroup;
  // For a process that nobody has anything to do for between its setting up and its start, such as
  // hooks: it goes on by itself, create() returns after its exec, and start() has nothing left to
  // do. Is called with its pid once all is set up, while the program starts.
  std::function<Status(pid_t)> at_once;
};

struct Created {
  pid_t pid = -1;
  Fd pidfd;
  Fd console_master; // only with a terminal
  Fd channel;        // closing it before start() ends the process
  std::string id, bundle;
  std::vector<Hook> poststart;
  std::vector<std::pair<std::string, std::string>> annotations;
  std::string listener_path, listener_metadata; // of a seccomp profile that notifies
  std::vector<std::string> warnings;            // what this host cannot grant
};

// With a waiter these stand still where it does, and give up when its time is over; without one
// they wait on the spot.

// Builds the container and its first process, which waits. Makes and limits the cgroup. On failure
// nothing remains. The error of a program that cannot be found has step "exec".
Async<Result<Created>> create(Waiter& waiter, const Spec& spec, const Cgroup& cgroup,
                              const CreateOptions& options);
Result<Created> create(const Spec& spec, const Cgroup& cgroup, const CreateOptions& options);

// Lets the process go on and returns after its exec has happened, or with the step that failed
// (the process has then ended; the caller reaps it).
Async<Status> start(Waiter& waiter, Created& created);
Status start(Created& created);

} // namespace fairlead
