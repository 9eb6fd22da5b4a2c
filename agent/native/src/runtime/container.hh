// The life of a container's processes: created (all set up, waiting before exec), started, joined.
// The caller is the parent of every process made here and must reap it; no state is kept on disk.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/error.hh"
#include "base/fd.hh"
#include "runtime/cgroup.hh"
#include "runtime/spec.hh"

namespace fairlead {

// What becomes the process's descriptors 0, 1 and 2; they stay owned by the caller. -1 means
// /dev/null. With `terminal` they are not used: the runtime opens a pty in the container's devpts,
// makes it the controlling terminal (and /dev/console of init) and returns the master.
struct Stdio {
  int in = -1, out = -1, err = -1;
  bool terminal = false;
  uint16_t rows = 0, cols = 0;
};

struct CreateOptions {
  std::string id;
  std::string bundle;        // a relative root.path starts here
  std::string run_dir;       // RUN/seccomp keeps compiled filters; empty: no cache
  Stdio stdio;
  int listener = -1;         // a listening unix socket: start comes there, from another process
  int preserve_fds = 0;      // descriptors 3… that the process keeps
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
  std::vector<std::string> warnings; // what this host cannot grant
};

struct ExecOptions {
  std::string run_dir;  // as in CreateOptions
  int preserve_fds = 0;
  std::string state;    // of the container, for a seccomp listener
  std::function<Status(pid_t)> enter_cgroup; // as in CreateOptions
};

struct Process {
  pid_t pid = -1;
  Fd pidfd;
  Fd console_master;
};

// The cgroup of a container: linux.cgroupsPath, or /fairlead/ID without one.
Cgroup cgroup_of(const Spec& spec, const std::string& id);

// Must be called at the very start of a command that calls create or exec: runs this binary again
// from a read-only copy, so that no container can write to it through /proc (CVE-2019-5736).
// Returns only when that is so already, or with the reason why it cannot be.
Status seal_binary(char** argv);
// Takes hold of what start.cc has run this binary from, so that no program inherits it.
void adopt_view();
// Gives it up. The kernel then waits for a grace period of RCU, so this is called once there is
// nothing else to do than wait, or by the end of the process.
void drop_view();
// To be called before anything is opened: makes sure that the descriptors from 3 on, which a
// process is to keep, are open and none of this program's own.
Status check_preserved(int count);

// Builds the container and its first process, which waits. Makes and limits the cgroup. On failure
// nothing remains. The error of a program that cannot be found has step "exec".
Result<Created> create(const Spec& spec, const Cgroup& cgroup, const CreateOptions& options);

// Lets the process go on and returns after its exec has happened, or with the step that failed
// (the process has then ended; the caller reaps it).
Status start(Created& created);

// Runs a further process in all namespaces and the cgroup of a container whose first process is
// `init`; returns after its exec.
Result<Process> exec(const Spec& container, const Cgroup& cgroup, pid_t init,
                     const ProcessSpec& process, const Stdio& stdio, const ExecOptions& options);

// What hooks get on stdin, and `state` prints.
std::string state_json(const std::string& id, const std::string& bundle, const char* status,
                       pid_t pid,
                       const std::vector<std::pair<std::string, std::string>>& annotations);
// Runs hooks in the caller's namespaces, one after the other; stops at the first that fails.
Status run_hooks(const std::vector<Hook>& hooks, const std::string& state);

} // namespace fairlead
