// The home folder of the process's user.
#pragma once
#include "runtime/inside/plan.hh"

namespace fairlead::inside {

// Sets HOME where the environment has none, from the container's passwd(5); "/" for others.
void set_home(const Identity& identity);

} // namespace fairlead::inside
