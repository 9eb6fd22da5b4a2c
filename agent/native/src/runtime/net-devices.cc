// Moving of network devices by rtnetlink(7).
#include "runtime/net-devices.hh"

#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <cstring>

#include "base/fd.hh"
#include "net/netlink.hh"
#include "net/netns.hh"

namespace fairlead {

namespace {

template <typename Head> std::string message(uint16_t type, uint16_t flags, const Head& head) {
  nlmsghdr header{};
  header.nlmsg_len = NLMSG_LENGTH(sizeof head);
  header.nlmsg_type = type;
  header.nlmsg_flags = NLM_F_REQUEST | flags;
  std::string out(NLMSG_SPACE(sizeof head), '\0');
  memcpy(out.data(), &header, sizeof header);
  memcpy(out.data() + NLMSG_HDRLEN, &head, sizeof head);
  return out;
}

void set_length(std::string& out) {
  const auto length = static_cast<uint32_t>(out.size());
  memcpy(out.data(), &length, sizeof length);
}

void add_attribute(std::string& out, uint16_t type, const void* data, size_t size) {
  const rtattr head{static_cast<uint16_t>(RTA_LENGTH(size)), type};
  const size_t at = out.size();
  out.resize(at + RTA_SPACE(size));
  memcpy(out.data() + at, &head, sizeof head);
  memcpy(out.data() + at + RTA_LENGTH(0), data, size);
  set_length(out);
}

Status ask(const std::string& netns, const std::string& what, const NetDevice& device,
           const std::vector<std::string>& datagrams, NetlinkReplies* replies = nullptr) {
  auto done = netlink(netns, NETLINK_ROUTE, datagrams);
  if (!done) return std::unexpected(done.error());
  if (done->code != 0) return std::unexpected(Error{what, done->code, device.host, done->reason});
  if (replies != nullptr) *replies = std::move(*done);
  return {};
}

// Calls visit(type, data, size) for every attribute behind the message's head.
template <typename Visit> void each_attribute(const std::string& entry, Visit visit) {
  for (size_t at = NLMSG_SPACE(sizeof(ifaddrmsg)); at + sizeof(rtattr) <= entry.size();) {
    rtattr attribute;
    memcpy(&attribute, entry.data() + at, sizeof attribute);
    if (attribute.rta_len < sizeof attribute || at + attribute.rta_len > entry.size()) return;
    visit(attribute.rta_type, entry.data() + at + RTA_LENGTH(0), attribute.rta_len - RTA_LENGTH(0));
    at += RTA_ALIGN(attribute.rta_len);
  }
}

// A request for the address that a dump lists; empty for one that need not be kept. Its label and
// lifetimes belong to the old name and place.
std::string kept_address(const std::string& entry, unsigned index, unsigned inside) {
  ifaddrmsg head;
  memcpy(&head, entry.data() + NLMSG_HDRLEN, sizeof head);
  if (head.ifa_index != index || head.ifa_scope != RT_SCOPE_UNIVERSE) return {};
  uint32_t flags = head.ifa_flags;
  head.ifa_index = inside;
  std::string out = message(RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE, head);
  each_attribute(entry, [&](uint16_t type, const char* data, size_t size) {
    if (type == IFA_FLAGS && size >= sizeof flags) memcpy(&flags, data, sizeof flags);
    if (type == IFA_ADDRESS || type == IFA_LOCAL || type == IFA_BROADCAST || type == IFA_FLAGS)
      add_attribute(out, type, data, size);
  });
  return (flags & IFA_F_PERMANENT) != 0 ? out : std::string{};
}

// The kernel takes a device's addresses away when it moves; those that the specification wants
// kept are asked for again.
std::vector<std::string> kept_addresses(const std::string& dump, unsigned index, unsigned inside) {
  std::vector<std::string> kept;
  for (size_t at = 0; at + NLMSG_SPACE(sizeof(ifaddrmsg)) <= dump.size();) {
    nlmsghdr header;
    memcpy(&header, dump.data() + at, sizeof header);
    if (header.nlmsg_len < NLMSG_SPACE(sizeof(ifaddrmsg)) || at + header.nlmsg_len > dump.size())
      break;
    std::string request = kept_address(dump.substr(at, header.nlmsg_len), index, inside);
    if (!request.empty()) kept.push_back(std::move(request));
    at += NLMSG_ALIGN(header.nlmsg_len);
  }
  return kept;
}

std::string raise(unsigned index) {
  ifinfomsg link{};
  link.ifi_index = static_cast<int>(index);
  link.ifi_flags = link.ifi_change = IFF_UP;
  return message(RTM_NEWLINK, NLM_F_ACK, link);
}

Status move_device(const NetDevice& device, const std::string& netns) {
  const unsigned index = if_nametoindex(device.host.c_str());
  if (index == 0) return fail("find network device", device.host);
  NetlinkReplies addresses;
  const auto dump = message(RTM_GETADDR, NLM_F_DUMP, ifaddrmsg{});
  if (Status done = ask("", "list addresses", device, {dump}, &addresses); !done) return done;
  const Fd space(open(netns.c_str(), O_RDONLY | O_CLOEXEC));
  if (!space) return fail("open namespace", netns);
  ifinfomsg link{};
  link.ifi_index = static_cast<int>(index);
  std::string move = message(RTM_NEWLINK, NLM_F_ACK, link);
  const int number = space.get();
  add_attribute(move, IFLA_NET_NS_FD, &number, sizeof number);
  add_attribute(move, IFLA_IFNAME, device.inside.c_str(), device.inside.size() + 1);
  if (Status done = ask("", "move network device", device, {move}); !done) return done;
  unsigned inside = 0; // the kernel may have to renumber it there
  Status found = in_netns(netns, [&]() -> Status {
    inside = if_nametoindex(device.inside.c_str());
    return inside == 0 ? fail("find moved network device", device.inside) : Status{};
  });
  if (!found) return found;
  std::vector<std::string> requests = kept_addresses(addresses.replies.front(), index, inside);
  requests.push_back(raise(inside));
  return ask(netns, "set up network device", device, requests);
}

} // namespace

Status move_net_devices(const std::vector<NetDevice>& devices, const std::string& netns) {
  for (const NetDevice& device : devices)
    if (Status done = move_device(device, netns); !done) return done;
  return {};
}

} // namespace fairlead
