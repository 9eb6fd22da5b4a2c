// Talks to the kernel over a netlink socket: sends, collects answers, finds refusals.
#include "net/netlink.hh"

#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/fd.hh"
#include "net/netlink-answer.hh"
#include "net/netns.hh"

namespace fairlead {

namespace {

constexpr size_t RECEIVE_BYTES = 1 << 18;
constexpr int SOCKET_BYTES = 1 << 25;
constexpr size_t MOST_REPLY_BYTES = 1 << 28;

Result<Fd> open_socket(int family) {
  Fd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, family));
  if (!socket) return fail("open netlink socket");
  const int on = 1;
  // The option is from Linux 4.12; without it refusals only lack their sentence.
  ::setsockopt(socket.get(), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDBUFFORCE, &SOCKET_BYTES, sizeof SOCKET_BYTES);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUFFORCE, &SOCKET_BYTES, sizeof SOCKET_BYTES);
  const timeval patience = {10, 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  return socket;
}

Result<std::string> receive(int socket) {
  std::string data(RECEIVE_BYTES, '\0');
  const ssize_t size = ::recv(socket, data.data(), data.size(), MSG_TRUNC);
  if (size < 0) return fail("read netlink answer");
  if (static_cast<size_t>(size) > data.size())
    return refuse("read netlink answer", "the kernel's answer is larger than expected");
  data.resize(static_cast<size_t>(size));
  return data;
}

Result<NetlinkAnswer> exchange(int socket, const std::string& datagram) {
  NetlinkAnswer state;
  if (!state.expect(datagram)) return refuse("send netlink message", "the message is malformed");
  if (::send(socket, datagram.data(), datagram.size(), 0) < 0) return fail("send netlink message");
  while (state.awaited > 0) {
    auto data = receive(socket);
    if (!data) return std::unexpected(data.error());
    state.take(*data);
    // A refused batch acknowledges only what it refuses (nfnetlink_rcv_batch in the kernel).
    if (state.code != 0) break;
    if (state.replies.size() > MOST_REPLY_BYTES)
      return refuse("read netlink answer", "the kernel's answer does not end");
  }
  return state;
}

} // namespace

Result<NetlinkReplies> netlink(const std::string& netns, int family,
                               const std::vector<std::string>& datagrams) {
  NetlinkReplies out;
  const Status done = in_netns(netns, [&]() -> Status {
    auto socket = open_socket(family);
    if (!socket) return std::unexpected(socket.error());
    for (size_t i = 0; i < datagrams.size(); i++) {
      auto outcome = exchange(socket->get(), datagrams[i]);
      if (!outcome) return std::unexpected(outcome.error());
      out.replies.push_back(std::move(outcome->replies));
      if (outcome->code == 0) continue;
      out.failed = static_cast<int>(i);
      out.code = outcome->code;
      out.reason = std::move(outcome->reason);
      break;
    }
    return {};
  });
  if (!done) return std::unexpected(done.error());
  return out;
}

} // namespace fairlead
