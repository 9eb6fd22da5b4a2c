// The two clocks of a shim: monotonic for delays, real time for what people read.
#pragma once
#include <cstdint>
#include <string>

namespace fairlead::shim {

int64_t monotonic_ms();
int64_t realtime_ns();
// RFC 3339 in UTC with nanoseconds, as Go's time.RFC3339Nano: trailing zeros are left out.
std::string rfc3339(int64_t realtime_ns);
inline std::string now_rfc3339() { return rfc3339(realtime_ns()); }
// A duration as Go prints it: "1.5s", "1m30s", "500ms", "0s".
std::string go_duration(int64_t ms);

} // namespace fairlead::shim
