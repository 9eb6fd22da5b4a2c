// Kernel settings of the container's own namespaces.
#pragma once
#include "runtime/inside/plan.hh"

namespace fairlead::inside {

bool write_sysctls(List<SysctlStep> steps);

} // namespace fairlead::inside
