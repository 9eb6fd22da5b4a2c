// Whether a port of the host is free, found out by taking it for a moment.
#pragma once
#include <cstdint>
#include <string>

#include "base/error.hh"

namespace fairlead {

// 0 when the port can be bound, else why not: EADDRINUSE, EADDRNOTAVAIL (the host has no such
// address), EACCES. The address is numeric, IPv4 or IPv6.
Result<int> probe_port(const std::string& netns, bool tcp, const std::string& ip, uint16_t port);

} // namespace fairlead
