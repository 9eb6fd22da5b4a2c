// setns(2) for a single-threaded process.
#include "shim/netns.hh"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstdlib>
#include <cstring>

#include "base/fd.hh"

namespace fairlead::shim {

Status in_netns(int netns_fd, const std::function<Status()>& task) {
  const Fd home(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!home) return fail("open", "/proc/self/ns/net");
  if (::setns(netns_fd, CLONE_NEWNET) != 0) return fail("setns network namespace");
  const Status status = task();
  if (::setns(home.get(), CLONE_NEWNET) != 0) std::abort();
  return status;
}

void raise_loopback() {
  const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  if (!socket || ::ioctl(socket.get(), SIOCGIFFLAGS, &request) != 0) return;
  if ((request.ifr_flags & IFF_UP) != 0) return;
  request.ifr_flags |= IFF_UP;
  ::ioctl(socket.get(), SIOCSIFFLAGS, &request);
}

} // namespace fairlead::shim
