// What a runtime said when it failed, as an error of ours.
#pragma once
#include <string>

#include "base/error.hh"
#include "shim/execution/command.hh"

namespace fairlead::shim {

// From the runtime's log file (JSON lines, or text), else from its output, else its exit status.
// A program of the container that is missing or may not be executed gets the step "exec" and the
// errno that exit codes 127 and 126 come from; `program` is its name.
Error runtime_error(const std::string& what, const std::string& log_path, const Answer& answer,
                    const std::string& program);

} // namespace fairlead::shim
