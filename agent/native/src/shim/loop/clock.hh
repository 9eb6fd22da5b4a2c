// The clock of a shim's delays, and durations as people read them.
#pragma once
#include <cstdint>
#include <string>

namespace fairlead::shim {

int64_t monotonic_ms();
// A duration as Go prints it: "1.5s", "1m30s", "500ms", "0s".
std::string go_duration(int64_t ms);

} // namespace fairlead::shim
