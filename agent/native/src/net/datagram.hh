// Sending to a unix datagram socket, such as the journal's or a syslog daemon's.
#pragma once
#include <string>
#include <vector>

#include "base/error.hh"

namespace fairlead {

// Sends in order; how many were taken before the receiver had no room for a second, or failed. One
// that is longer than the receiver takes counts as taken: it would be refused for ever.
Result<int> send_datagrams(const std::string& path, const std::vector<std::string>& datagrams);

} // namespace fairlead
