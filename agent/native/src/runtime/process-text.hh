// A process as the JSON text of an OCI configuration: the way back from process-spec.cc.
#pragma once
#include <string>

#include "runtime/spec.hh"

namespace fairlead {

std::string process_text(const ProcessSpec& process);

} // namespace fairlead
