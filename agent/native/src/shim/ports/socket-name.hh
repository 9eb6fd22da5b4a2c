// Numeric addresses as sockets want them.
#pragma once
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>

namespace fairlead::shim {

struct SocketName {
  sockaddr_storage storage{};
  socklen_t size = 0; // 0 when the text is no address

  SocketName(const std::string& ip, uint16_t port);
  int family() const { return storage.ss_family; }
  const sockaddr* address() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

} // namespace fairlead::shim
