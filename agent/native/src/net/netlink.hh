// Talks to the kernel over a netlink socket. It carries messages and knows nothing of their
// meaning: the agent builds and reads them.
#pragma once
#include <string>
#include <vector>

#include "base/error.hh"

namespace fairlead {

struct NetlinkReplies {
  std::vector<std::string> replies; // one per datagram that was sent: all its answers in a row
  int failed = -1;                  // index of the datagram that was refused, -1 for none
  int code = 0;                     // errno of the refusal
  std::string reason;               // the kernel's extended acknowledgement, when it gave one
};

// Sends datagrams in order and stops at the first that the kernel refuses. Every message in them
// must ask for an acknowledgement or a dump, except the frame of an nfnetlink batch. An empty
// namespace path means the process's own.
Result<NetlinkReplies> netlink(const std::string& netns, int family,
                               const std::vector<std::string>& datagrams);

} // namespace fairlead
