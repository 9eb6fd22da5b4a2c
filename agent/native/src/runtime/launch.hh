// Makes a process from a plan and speaks with it until it waits for start, or has executed.
#pragma once
#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "base/async.hh"
#include "base/error.hh"
#include "base/fd.hh"
#include "base/waiter.hh"
#include "runtime/inside/join.hh"
#include "runtime/listener.hh"
#include "runtime/prepared.hh"

namespace fairlead {

// What the parent does for the process, each at its time.
struct Duties {
  std::function<Status(pid_t, int)> on_clone; // while it sets itself up; the channel to it as well
  std::function<Status(pid_t)> on_request;    // id maps, state for hooks
  // Runs the hooks of the runtime namespace.
  std::function<Async<Status>(Waiter&, pid_t)> on_hooks;
  std::function<Status(int, int)> on_trees; // sends bind mounts to the channel, from this one on
  std::function<Status(pid_t)> on_ready;    // what only holds for the process as it will be
  bool death_counts = false; // one that is killed on its way has been launched, and has ended
};

struct Launched {
  pid_t pid = -1;
  Fd pidfd, channel, console;
  bool at_once = false; // starts without being told, and closes the channel by its exec
  bool dead = false;    // it was killed before it was ready
};

// The time for those who wait on the spot: longer than the longest hook.
constexpr int64_t LAUNCH_MS = 3'700'000;

// Clones with `flags` (CLONE_NEW*), directly or through a process that joins namespaces first, and
// waits until the process is ready or has started. On failure it is gone and reaped. What a process
// does that others can stop, in a namespace it shares with them, takes until the waiter's end.
Async<Result<Launched>> launch(Waiter& waiter, Prepared& prepared, const inside::JoinPlan& join,
                               bool through_joiner, const Duties& duties);

// Serves a process that speaks on its channel until it is ready, waiting for start, or has started.
Async<Status> attend(Waiter& waiter, Launched& process, const Duties& duties);

// Tells a waiting process to go on; returns when its exec has happened or failed.
Async<Status> release(Waiter& waiter, int channel, pid_t pid = -1, const Listener& listener = {});

Status adjust_oom_score(pid_t pid, const ProcessSpec& process);
// For a process that is about to lose the right to do so itself.
Status raise_limits(pid_t pid, const Prepared& prepared);

// Kills and reaps a child of the caller.
void end_process(pid_t pid);
// The same; the value is its wait status.
Async<int> end_process(Waiter& waiter, pid_t pid);

} // namespace fairlead
