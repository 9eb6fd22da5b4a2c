// Leads what a container sends to port 53 of its resolver's address to the ports where the resolver
// listens, so that port 53 itself is left to the container's own programs.
#pragma once
#include <netinet/in.h>

#include "base/error.hh"

namespace fairlead::shim {

struct RedirectTargets {
  in_addr address; // of the resolver, before and after
  uint16_t udp_port;
  uint16_t tcp_port;
};

// Puts an nftables table into the current network namespace, in the place of one that is there.
Status redirect_queries(const RedirectTargets& targets);
// Removes it; one that is not there is fine.
Status drop_redirect();

} // namespace fairlead::shim
