// The whole way of a process between clone and exec.
#pragma once
#include "runtime/inside/plan.hh"

namespace fairlead::inside {

// Of a container's process or of one that joins; never returns.
[[noreturn]] void run(const Plan& plan);

} // namespace fairlead::inside
