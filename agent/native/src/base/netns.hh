// Doing something in another network namespace and coming back.
#pragma once
#include <functional>

#include "base/error.hh"

namespace fairlead::shim {

// Runs task there, whose sockets stay in that namespace. For a process of one thread, which may
// lack the right to come back; net/netns.hh has that of the agent, whose many threads may not stand
// still.
Status in_netns(int netns_fd, const std::function<Status()>& task);

} // namespace fairlead::shim
