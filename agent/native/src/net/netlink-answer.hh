// Reads what the kernel answers on a netlink socket, without knowing what the messages mean.
// Pure: no sockets.
#pragma once
#include <cstddef>
#include <string>

namespace fairlead {

struct NetlinkAnswer {
  size_t awaited = 0;  // acknowledgements and ends of dumps that are still to come
  std::string replies; // other messages, in a row
  int code = 0;        // errno of the first refusal
  std::string reason;  // the kernel's extended acknowledgement, when it gave one

  // Counts what a datagram that is sent will bring; false when the datagram is malformed.
  bool expect(const std::string& datagram);
  // Takes one datagram from the kernel; a part of it that is malformed is left out.
  void take(const std::string& datagram);
};

} // namespace fairlead
