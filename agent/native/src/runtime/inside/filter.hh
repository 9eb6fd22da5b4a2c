// Installing the seccomp filter.
#pragma once
#include "runtime/inside/plan.hh"

namespace fairlead::inside {

bool install_filter(const Identity& identity, int channel);

} // namespace fairlead::inside
