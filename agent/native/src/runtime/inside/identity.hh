// Who the process becomes.
#pragma once
#include "runtime/inside/plan.hh"

namespace fairlead::inside {

bool take_identity(const Identity& identity); // everything but the last privileges
// Returns only on failure. `label` is a descriptor for the security label, or -1.
bool run_program(const Identity& identity, int label, int channel);

} // namespace fairlead::inside
