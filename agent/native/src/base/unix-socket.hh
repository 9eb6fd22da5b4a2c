// Sockets with a name in the file system, and files that are passed over them: unix(7).
#pragma once
#include <sys/un.h>

#include <span>
#include <string>
#include <string_view>

#include "base/error.hh"
#include "base/fd.hh"

namespace fairlead {

// The address of a path, which has at most 107 bytes. `step` begins the error.
Result<sockaddr_un> unix_address(const std::string& step, std::string_view path);
// A stream socket, close-on-exec, connected to what listens at the path. With SOCK_NONBLOCK among
// the flags it fails with EAGAIN where it would wait for a listener that has too many to accept.
Result<Fd> connect_unix(const std::string& step, const std::string& path, int flags = 0);
// Sends a text with up to MOST_FDS open files (SCM_RIGHTS); the bytes sent, or -1 with errno. Does
// not allocate, so that it also serves between clone and exec.
constexpr size_t MOST_FDS = 32;
ssize_t send_with_fds(int socket, std::string_view text, std::span<const int> fds);
inline ssize_t send_with_fd(int socket, std::string_view text, int fd) {
  return send_with_fds(socket, text, {&fd, 1});
}

} // namespace fairlead
