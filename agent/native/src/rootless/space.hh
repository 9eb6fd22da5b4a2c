// The user and mount namespace in which an ordinary user's agent and its containers live. One
// process holds it, so that it outlives the agent.
#pragma once
#include <sys/types.h>

#include <string>

#include "base/error.hh"
#include "base/fd.hh"
#include "rootless/ids.hh"

namespace fairlead::rootless {

// The file whose lock the holder has, in the agent's run folder.
Result<Fd> open_lock(const std::string& run);
// The process that holds the namespaces; 0 when there is none.
Result<pid_t> holder_of(const Fd& lock);
// Whether the holder has finished making them.
bool is_ready(const Fd& lock);

// Enters a new user namespace as its root, and a mount namespace in it; `note` as IdMapper::map.
Status enter_namespaces(Result<IdMapper> mapper, std::string& note);
// Makes the namespaces and becomes their holder: takes the lock, maps ids, arranges cgroups and
// mounts. EBUSY when another process holds them.
Status make_space(const Fd& lock);

// Enters the namespaces of the holder as their root.
Status join_space(pid_t holder);

// Kills every process that lives in the namespaces, the holder last, and removes their cgroups.
Status end_space(pid_t holder);

} // namespace fairlead::rootless
