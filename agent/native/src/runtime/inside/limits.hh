// Resource limits.
#pragma once
#include "runtime/inside/plan.hh"

namespace fairlead::inside {

// Raising a hard limit needs a capability of the host, which is lost in a user namespace; so it is
// done before one is entered, and the rest just before exec.
bool raise_limits(pid_t pid, List<LimitStep> limits);
bool set_limits(List<LimitStep> limits);

} // namespace fairlead::inside
