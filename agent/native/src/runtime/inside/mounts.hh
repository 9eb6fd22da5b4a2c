// The mounts of a container.
#pragma once
#include "runtime/inside/plan.hh"

namespace fairlead::inside {

// Returns false after recording what broke, as all stages do.
bool do_mounts(int root, const Plan& plan);
bool do_remounts(std::span<RemountStep> steps);

} // namespace fairlead::inside
