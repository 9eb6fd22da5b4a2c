// SIOCSIFFLAGS of netdevice(7).
#include "base/loopback.hh"

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>

#include "base/fd.hh"

namespace fairlead {

bool raise_loopback() {
  const Fd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)); // any kind will do
  if (!socket) return false;
  ifreq request{};
  std::memcpy(request.ifr_name, "lo", sizeof "lo");
  if (::ioctl(socket.get(), SIOCGIFFLAGS, &request) != 0) return false;
  // Asked first, as whoever is not root there may look but not change.
  if ((request.ifr_flags & IFF_UP) != 0) return true;
  request.ifr_flags |= IFF_UP;
  return ::ioctl(socket.get(), SIOCSIFFLAGS, &request) == 0;
}

} // namespace fairlead
