// Network devices of the host that a container takes over (linux.netDevices, runtime-spec 1.3).
#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

#include "base/error.hh"
#include "runtime/spec.hh"

namespace fairlead {

// Moves devices into the network namespace at `netns`, under their names there, with their
// permanent global addresses, and brings them up.
Status move_net_devices(const std::vector<NetDevice>& devices, const std::string& netns);

} // namespace fairlead
