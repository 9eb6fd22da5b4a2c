// Sending without blocking, with a bounded wait where the receiver is slow.
#include "net/datagram.hh"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

#include "base/fd.hh"
#include "base/unix-socket.hh"

namespace fairlead {

namespace {

constexpr int PATIENCE_MS = 1000;
constexpr int SEND_BUFFER = 8 << 20; // as sd_journal_send asks for

// 0 when it was taken, else the errno.
int send_one(int socket, const std::string& datagram) {
  for (int tries = 0; tries < 2; ++tries) {
    if (::send(socket, datagram.data(), datagram.size(), MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
      return 0;
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return errno;
    pollfd room{socket, POLLOUT, 0};
    if (::poll(&room, 1, PATIENCE_MS) <= 0) return EAGAIN;
  }
  return EAGAIN;
}

} // namespace

Result<int> send_datagrams(const std::string& path, const std::vector<std::string>& datagrams) {
  const auto address = unix_address("send datagrams", path);
  if (!address) return std::unexpected(address.error());
  const Fd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return fail("socket", path);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDBUF, &SEND_BUFFER, sizeof SEND_BUFFER);
  const auto* plain = reinterpret_cast<const sockaddr*>(&*address);
  if (::connect(socket.get(), plain, sizeof *address) != 0) return fail("connect", path);
  int taken = 0;
  for (const std::string& datagram : datagrams) {
    const int error = send_one(socket.get(), datagram);
    if (error != 0 && error != EMSGSIZE) {
      if (taken > 0 || error == EAGAIN) return taken;
      errno = error;
      return fail("send", path);
    }
    ++taken;
  }
  return taken;
}

} // namespace fairlead
