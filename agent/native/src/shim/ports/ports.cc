// Binding of reserved ports.
#include "shim/ports/ports.hh"

#include <arpa/inet.h>
#include <fcntl.h>

#include <algorithm>

#include "base/netns.hh"
#include "shim/ports/socket-name.hh"

namespace fairlead::shim {

namespace {

constexpr int BACKLOG = 512;

std::string name_of(const PortReservation& port) {
  const bool v6 = port.ip.find(':') != std::string::npos;
  const std::string ip = v6 ? "[" + port.ip + "]" : port.ip;
  return std::string(port.tcp ? "tcp " : "udp ") + ip + ":" + std::to_string(port.port);
}

// A bound socket with SO_REUSEADDR gives way to others that have it too, unless it listens; and
// that it listens for a moment tells whether another does. What stays is bound, and gives way to
// nobody.
void hold(const Fd& socket) {
  const int off = 0;
  ::shutdown(socket.get(), SHUT_RD); // ends the listening: tcp(7), inet_shutdown() of the kernel
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &off, sizeof off);
}

// An empty one for a wildcard of IPv6 on a host that has none: nothing can arrive there.
Result<Fd> reserve(const PortReservation& port) {
  const SocketName name(port.ip, port.port);
  if (name.size == 0)
    return std::unexpected(Error{"reserve port", EINVAL, name_of(port), "not an IP address"});
  const int kind = port.tcp ? SOCK_STREAM : SOCK_DGRAM;
  Fd socket(::socket(name.family(), kind | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket && errno == EAFNOSUPPORT && port.ip == "::") return Fd();
  if (!socket) return fail("reserve port", name_of(port));
  const int on = 1;
  if (name.family() == AF_INET6)
    ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  // Connections of an earlier owner that are still in TIME_WAIT must not keep the port.
  if (port.tcp) ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(socket.get(), name.address(), name.size) != 0) {
    if (errno == EADDRNOTAVAIL && port.ip == "::") return Fd();
    return fail("reserve port", name_of(port));
  }
  if (!port.tcp) return socket;
  if (::listen(socket.get(), port.relay ? BACKLOG : 0) != 0)
    return fail("listen on port", name_of(port));
  if (!port.relay) hold(socket);
  return socket;
}

bool is_same(const PortReservation& a, const PortReservation& b) {
  return a.tcp == b.tcp && a.port == b.port && a.ip == b.ip;
}

} // namespace

SocketName::SocketName(const std::string& ip, uint16_t port) {
  auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
  if (::inet_pton(AF_INET, ip.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    size = sizeof *v4;
  } else if (::inet_pton(AF_INET6, ip.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    size = sizeof *v6;
  }
}

Result<Fd> RelayTarget::connect(int type) const {
  const Fd space(::open(netns.c_str(), O_RDONLY | O_CLOEXEC));
  if (!space) return fail("open network namespace", netns);
  const SocketName name(ip, port);
  Fd socket;
  const Status made = in_netns(space.get(), [&]() -> Status {
    socket.reset(::socket(name.family(), type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    return socket ? Status{} : fail("make socket");
  });
  if (!made) return std::unexpected(made.error());
  if (::connect(socket.get(), name.address(), name.size) != 0 && errno != EINPROGRESS)
    return fail("connect", ip);
  return socket;
}

Status Ports::open(const std::vector<PortReservation>& ports) {
  std::vector<Held> held;
  for (const PortReservation& port : ports) {
    auto socket = reserve(port);
    if (!socket) return std::unexpected(socket.error());
    if (!*socket) continue;
    Held one{port, std::move(*socket), nullptr};
    if (port.relay) {
      auto relay = port.tcp ? relay_connections(loop_, std::move(one.socket))
                            : relay_datagrams(loop_, std::move(one.socket));
      if (!relay) return std::unexpected(relay.error());
      one.relay = std::move(*relay);
    }
    held.push_back(std::move(one));
  }
  held_ = std::move(held);
  aim(ports);
  return {};
}

void Ports::aim(const std::vector<PortReservation>& ports) {
  for (Held& held : held_) {
    if (!held.relay) continue;
    const auto found =
        std::ranges::find_if(ports, [&](const auto& port) { return is_same(port, held.port); });
    held.relay->aim(found == ports.end() ? std::nullopt : found->relay);
  }
}

} // namespace fairlead::shim
