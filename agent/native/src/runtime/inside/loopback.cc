// The loopback device of a new network namespace. Runs between clone and exec: no allocation.
#include "runtime/inside/loopback.hh"

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "base/fd.hh"
#include "runtime/inside/report.hh"

namespace fairlead::inside {

bool raise_loopback() {
  const Fd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)); // any kind will do (netdevice(7))
  if (!fd) return broke("open socket");
  ifreq request{};
  memcpy(request.ifr_name, "lo", 3);
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  return ioctl(fd.get(), SIOCSIFFLAGS, &request) == 0 || broke("raise loopback", "lo");
}

} // namespace fairlead::inside
