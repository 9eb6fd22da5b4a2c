// Device nodes and the links of /dev.
#pragma once
#include "runtime/inside/plan.hh"

namespace fairlead::inside {

bool make_devices(int root, const Plan& plan);

} // namespace fairlead::inside
