// Whether a port of the host is free, found out by taking it for a moment.
#include "net/probe.hh"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

#include "base/fd.hh"
#include "net/netns.hh"

namespace fairlead {

namespace {

struct Name {
  sockaddr_storage storage = {};
  socklen_t size = 0;
};

Result<Name> name_of(const std::string& ip, uint16_t port) {
  Name name;
  sockaddr_in four = {};
  sockaddr_in6 six = {};
  if (::inet_pton(AF_INET, ip.c_str(), &four.sin_addr) == 1) {
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    std::memcpy(&name.storage, &four, name.size = sizeof four);
  } else if (::inet_pton(AF_INET6, ip.c_str(), &six.sin6_addr) == 1) {
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    std::memcpy(&name.storage, &six, name.size = sizeof six);
  } else {
    return refuse("probe port", "not an IP address", ip);
  }
  return name;
}

} // namespace

Result<int> probe_port(const std::string& netns, bool tcp, const std::string& ip, uint16_t port) {
  const auto name = name_of(ip, port);
  if (!name) return std::unexpected(name.error());
  int outcome = 0;
  const Status done = in_netns(netns, [&]() -> Status {
    const int type = (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC;
    const Fd socket(::socket(name->storage.ss_family, type, 0));
    if (!socket) {
      outcome = errno; // EAFNOSUPPORT on a host without IPv6
      return {};
    }
    const int on = 1;
    // Connections of a server that has just ended (TIME_WAIT) must not count as a use of a TCP
    // port; listening then tells a live server apart. See socket(7), SO_REUSEADDR.
    if (tcp) ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (name->storage.ss_family == AF_INET6)
      ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    const auto* address = reinterpret_cast<const sockaddr*>(&name->storage);
    if (::bind(socket.get(), address, name->size) != 0) outcome = errno;
    else if (tcp && ::listen(socket.get(), 0) != 0) outcome = errno;
    return {};
  });
  if (!done) return std::unexpected(done.error());
  return outcome;
}

} // namespace fairlead
