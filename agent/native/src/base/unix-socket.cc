// Sockets with a name in the file system.
#include "base/unix-socket.hh"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace fairlead {

Result<sockaddr_un> unix_address(const std::string& step, std::string_view path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    const char* rule = "a socket path has at most 107 bytes";
    return std::unexpected(Error{step, ENAMETOOLONG, std::string(path), rule});
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

Result<Fd> connect_unix(const std::string& step, const std::string& path, int flags) {
  const auto address = unix_address(step, path);
  if (!address) return std::unexpected(address.error());
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
  const auto* plain = reinterpret_cast<const sockaddr*>(&*address);
  if (!fd || ::connect(fd.get(), plain, sizeof *address) < 0) return fail(step, path);
  return fd;
}

ssize_t send_with_fds(int socket, std::string_view text, std::span<const int> fds) {
  if (fds.size() > MOST_FDS) {
    errno = E2BIG;
    return -1;
  }
  iovec part{const_cast<char*>(text.data()), text.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(MOST_FDS * sizeof(int))] = {};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  if (!fds.empty()) {
    header.msg_control = control;
    header.msg_controllen = CMSG_SPACE(fds.size_bytes());
    cmsghdr* rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(fds.size_bytes());
    std::memcpy(CMSG_DATA(rights), fds.data(), fds.size_bytes());
  }
  ssize_t sent;
  do sent = ::sendmsg(socket, &header, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent;
}

} // namespace fairlead
