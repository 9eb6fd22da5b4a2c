// The way of a seccomp listener (SCMP_ACT_NOTIFY) from the process whose calls it answers to the
// program at linux.seccomp.listenerPath.
#pragma once
#include <sys/types.h>

#include <string>

#include "base/async.hh"
#include "base/error.hh"
#include "base/fd.hh"
#include "base/waiter.hh"

namespace fairlead {

struct Listener {
  std::string path;  // of a unix socket; empty: the profile has none
  std::string state; // "container process state" of the specification, as JSON
};

// The specification's container process state; `container` is the state of the container.
std::string process_state_json(pid_t pid, const std::string& metadata,
                               const std::string& container);

// Takes descriptor `number` out of the process, sends it to the listener, and opens the gate at
// which the process waits without a system call. Both sides can make it wait, but not for long: the
// process may be stopped before its filter is there, and the listener too busy to accept.
Async<Status> hand_over_listener(Waiter& waiter, const Listener& listener, pid_t pid, int number,
                                 const Fd& gate);

} // namespace fairlead
