// Attaching the root file system and making it "/".
#pragma once
#include "runtime/inside/plan.hh"

namespace fairlead::inside {

int attach_root(const Plan& plan); // returns a descriptor of the root, or -1
bool enter_root(int root, const Plan& plan);

} // namespace fairlead::inside
