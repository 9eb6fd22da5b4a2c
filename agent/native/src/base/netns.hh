// Doing something in another network namespace and coming back.
#pragma once
#include <functional>

#include "base/error.hh"

namespace fairlead::shim {

// Runs task there, whose sockets stay in that namespace.
Status in_netns(int netns_fd, const std::function<Status()>& task);

} // namespace fairlead::shim
