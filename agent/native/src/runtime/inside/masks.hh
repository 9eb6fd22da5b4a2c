// Masked and read-only paths.
#pragma once
#include "runtime/inside/plan.hh"

namespace fairlead::inside {

bool hide_paths(int root, const Plan& plan);

} // namespace fairlead::inside
