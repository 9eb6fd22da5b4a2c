// The part of the cgroup v2 tree that the host's administrator or systemd has given to the user.
#pragma once
#include <sys/types.h>

#include <string>

#include "base/error.hh"

namespace fairlead::rootless {

// The directory of this process's own v2 group when the user may make groups in it, else "".
std::string delegated_group();
// The same for the group whose "holder" a process is in.
std::string group_held_by(pid_t holder);
// Moves this process to a group of its own below, as groups with limits may not hold processes.
Status enter_leaf(const std::string& group, const char* name);
// Shows the tree below /sys/fs/cgroup as if `group` were its root; nothing at all when it is "".
Status show_only(const std::string& group);
// Removes what was made below; waits at most 5 s for processes that are still dying.
void remove_below(const std::string& group);

} // namespace fairlead::rootless
