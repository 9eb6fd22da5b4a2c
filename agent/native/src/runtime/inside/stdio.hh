// Descriptors 0 to 2 of a process.
#pragma once
#include "runtime/inside/plan.hh"

namespace fairlead::inside {

// Puts the given ones in their places.
bool take_stdio(const Plan& plan);
// Gives them to the user that the process becomes, who could not open /dev/stdout otherwise.
bool own_stdio(uid_t uid);

} // namespace fairlead::inside
