// Times as people and other programs read them.
#pragma once
#include <cstdint>
#include <string>

namespace fairlead {

// Nanoseconds since 1970 (CLOCK_REALTIME).
int64_t realtime_ns();
// RFC 3339 in UTC with nanoseconds, as Go's time.RFC3339Nano: trailing zeros are left out.
std::string rfc3339(int64_t realtime_ns);
inline std::string now_rfc3339() { return rfc3339(realtime_ns()); }

} // namespace fairlead
