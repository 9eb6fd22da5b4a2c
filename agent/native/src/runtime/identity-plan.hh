// Plans who a process becomes and what it runs.
#pragma once
#include <string>

#include "runtime/prepared.hh"

namespace fairlead {

// `in_user_namespace` spares the comparison of capabilities with the caller's own.
Status plan_identity(const ProcessSpec& process, const Spec& container, const std::string& run_dir,
                     bool in_user_namespace, Prepared& out);

} // namespace fairlead
