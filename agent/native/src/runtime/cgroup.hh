// The control groups of one container on cgroup v1, v2 and hybrid hosts (cgroupfs layout). Knows
// files and numbers, not containers.
#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

#include "base/async.hh"
#include "base/error.hh"
#include "base/fd.hh"
#include "base/waiter.hh"
#include "runtime/spec.hh"

namespace fairlead {

// One mounted hierarchy of the host.
struct Hierarchy {
  std::string mount;                    // e.g. /sys/fs/cgroup/memory
  std::vector<std::string> controllers; // v1: co-mounted ones, or "name=systemd"; v2: available
  bool unified = false;
};

// The hierarchies of this host, found once per process.
const std::vector<Hierarchy>& cgroup_hierarchies();

// The directory of this process's own group in one of them; empty when its mount does not show it.
std::string own_directory(const Hierarchy& hierarchy);

class Cgroup {
public:
  // A handle for a cgroup by its path below the mount points ("/fairlead/ID"); does no I/O. With
  // `where_allowed`, hierarchies in which the caller may make no group are left out, as long as no
  // limit needs them: for ordinary users.
  static Cgroup at(const std::string& path, bool where_allowed = false);

  const std::string& path() const { return path_; }
  bool where_allowed() const { return where_allowed_; }

  // Makes the directories in every hierarchy and sets the limits. Existing ones are reused.
  Status create(const Resources& resources) const;
  // Its two halves: version 2, into which a process can be cloned, and version 1, into which it is
  // moved; the second can be made while the process sets itself up.
  Status create_v2(const Resources& resources) const;
  Status create_v1(const Resources& resources) const;
  // Changes limits of a running container; on failure says which file refused.
  Status update(const Resources& resources) const;
  // Moves another process in.
  Status attach(pid_t pid) const;
  // The `tasks` files of version 1: a process with one thread that writes "0" to each has moved
  // there, at once. Moving another, or a whole process, waits for a grace period of the kernel's
  // RCU, some ten milliseconds (cgroup_procs_write_start in kernel/cgroup/cgroup.c).
  Result<std::vector<Fd>> entrances_v1() const;
  // Moves the calling process, which has one thread, into the version 1 groups.
  Status enter_v1() const;
  // The v2 directory for CLONE_INTO_CGROUP; an empty Fd where the host has no v2 tree.
  Fd directory() const;

  // Only ask for it: processes stand, or go on, a moment later.
  Status ask_freeze() const { return ask_frozen(true); }
  Status ask_thaw() const { return ask_frozen(false); }
  Status freeze() const; // waits at most 10 s until all processes stand
  Status thaw() const;
  bool frozen() const;

  // Signals every process, also those of sub-groups.
  Status kill_all(int signal) const;
  Result<std::vector<pid_t>> pids() const;
  // How often the kernel's out-of-memory killer ended a process here.
  uint64_t oom_kills() const;
  // A descriptor that polls (POLLPRI on v2, POLLIN on v1's eventfd) on out of memory; may be empty.
  Fd oom_watch() const;
  // Removes the directories; fails with EBUSY while there are processes.
  Status remove() const;
  // Ends the processes that are there, waits at most 5 s for them, and removes the directories.
  Status destroy() const;

  // The directory of this group in the hierarchy of a v1 controller or of v2 (""), or "".
  std::string directory_of(const std::string& controller) const;

private:
  Cgroup(std::string path, bool where_allowed)
      : path_(std::move(path)), where_allowed_(where_allowed) {}
  Status make(const Hierarchy& hierarchy, const Resources& resources) const;
  bool has_left_out(const Hierarchy& hierarchy) const;
  Status ask_frozen(bool frozen) const;

  std::string path_;
  bool where_allowed_;
};

// The waiting calls of a group, for those who do not wait on the spot.
Async<Status> destroy(Waiter& waiter, Cgroup cgroup);
Async<Status> freeze(Waiter& waiter, Cgroup cgroup);
Async<Status> thaw(Waiter& waiter, Cgroup cgroup);

} // namespace fairlead
