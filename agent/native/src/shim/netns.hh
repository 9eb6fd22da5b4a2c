// Doing something in another network namespace and coming back.
#pragma once
#include <functional>

#include "base/error.hh"

namespace fairlead::shim {

// Runs task there; ends the process when there is no way back, since every later socket of the
// shim would belong to the container.
Status in_netns(int netns_fd, const std::function<Status()>& task);
// Brings up "lo" of the current namespace; one that is up, or that cannot be, is left as it is.
void raise_loopback();

} // namespace fairlead::shim
