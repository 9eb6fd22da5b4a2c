// Host ports that belong to the container: held so that no other program of the host takes them.
#pragma once
#include <vector>

#include "base/error.hh"
#include "base/fd.hh"
#include "shim/settings.hh"

namespace fairlead::shim {

// Binds every port; all or none. The sockets neither listen nor use SO_REUSEADDR: the kernel then
// refuses the port to everybody else, and a connection that no rule redirects is refused at once.
Result<std::vector<Fd>> reserve_ports(const std::vector<PortReservation>& ports);

} // namespace fairlead::shim
