// Binding of reserved ports.
#include "shim/ports.hh"

#include <arpa/inet.h>
#include <sys/socket.h>

namespace fairlead::shim {

namespace {

std::string name_of(const PortReservation& port) {
  const bool v6 = port.ip.find(':') != std::string::npos;
  const std::string ip = v6 ? "[" + port.ip + "]" : port.ip;
  return std::string(port.tcp ? "tcp " : "udp ") + ip + ":" + std::to_string(port.port);
}

Result<Fd> reserve(const PortReservation& port) {
  sockaddr_storage address{};
  socklen_t length = 0;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address);
  if (::inet_pton(AF_INET, port.ip.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port.port);
    length = sizeof *v4;
  } else if (::inet_pton(AF_INET6, port.ip.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port.port);
    length = sizeof *v6;
  } else {
    return std::unexpected(Error{"reserve port", EINVAL, name_of(port), "not an IP address"});
  }
  const int type = (port.tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC;
  Fd socket(::socket(address.ss_family, type, 0));
  if (!socket) return fail("reserve port", name_of(port));
  const int on = 1;
  if (address.ss_family == AF_INET6) {
    ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  }
  if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), length) != 0) {
    return fail("reserve port", name_of(port));
  }
  return socket;
}

} // namespace

Result<std::vector<Fd>> reserve_ports(const std::vector<PortReservation>& ports) {
  std::vector<Fd> held;
  for (const PortReservation& port : ports) {
    auto socket = reserve(port);
    if (!socket) return std::unexpected(socket.error());
    held.push_back(std::move(*socket));
  }
  return held;
}

} // namespace fairlead::shim
