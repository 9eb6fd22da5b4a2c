// Talks to the kernel over a netlink socket: sends, collects answers, finds refusals.
#include "net/netlink.hh"

#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cstring>

#include "base/fd.hh"
#include "net/netns.hh"

namespace fairlead {

namespace {

constexpr size_t receive_bytes = 1 << 18;
constexpr int socket_bytes = 1 << 25;
constexpr size_t most_reply_bytes = 1 << 28;

size_t aligned(size_t size) { return (size + NLMSG_ALIGNTO - 1) & ~size_t{NLMSG_ALIGNTO - 1}; }

// Calls visit(header, message) for every complete message; false when one is malformed.
template <typename Visit> bool each_message(const std::string& data, Visit visit) {
  size_t at = 0;
  while (at + sizeof(nlmsghdr) <= data.size()) {
    nlmsghdr header;
    std::memcpy(&header, data.data() + at, sizeof header);
    if (header.nlmsg_len < sizeof header || at + header.nlmsg_len > data.size()) return false;
    visit(header, data.substr(at, header.nlmsg_len));
    at += aligned(header.nlmsg_len);
  }
  return at >= data.size();
}

Result<Fd> open_socket(int family) {
  Fd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, family));
  if (!socket) return fail("open netlink socket");
  const int on = 1;
  // The option is from Linux 4.12; without it refusals only lack their sentence.
  ::setsockopt(socket.get(), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDBUFFORCE, &socket_bytes, sizeof socket_bytes);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUFFORCE, &socket_bytes, sizeof socket_bytes);
  const timeval patience = {10, 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  return socket;
}

Result<std::string> receive(int socket) {
  std::string data(receive_bytes, '\0');
  const ssize_t size = ::recv(socket, data.data(), data.size(), MSG_TRUNC);
  if (size < 0) return fail("read netlink answer");
  if (static_cast<size_t>(size) > data.size()) {
    return refuse("read netlink answer", "the kernel's answer is larger than expected");
  }
  data.resize(static_cast<size_t>(size));
  return data;
}

// The sentence in an extended acknowledgement, whose attributes follow the echoed request.
std::string sentence(const std::string& message) {
  nlmsghdr header;
  nlmsgerr error;
  std::memcpy(&header, message.data(), sizeof header);
  if ((header.nlmsg_flags & NLM_F_ACK_TLVS) == 0) return {};
  std::memcpy(&error, message.data() + sizeof header, sizeof error);
  const bool capped = (header.nlmsg_flags & NLM_F_CAPPED) != 0;
  size_t at = sizeof header + sizeof error;
  if (!capped) at += aligned(error.msg.nlmsg_len) - sizeof error.msg;
  while (at + sizeof(nlattr) <= message.size()) {
    nlattr attribute;
    std::memcpy(&attribute, message.data() + at, sizeof attribute);
    if (attribute.nla_len < sizeof attribute || at + attribute.nla_len > message.size()) break;
    if (attribute.nla_type == NLMSGERR_ATTR_MSG) {
      return message.substr(at + sizeof attribute, attribute.nla_len - sizeof attribute - 1);
    }
    at += aligned(attribute.nla_len);
  }
  return {};
}

struct Exchange {
  size_t awaited = 0; // acknowledgements and ends of dumps that are still to come
  std::string replies;
  int code = 0;
  std::string reason;

  void take(const nlmsghdr& header, const std::string& message) {
    if (header.nlmsg_type == NLMSG_ERROR && message.size() >= NLMSG_HDRLEN + sizeof(nlmsgerr)) {
      nlmsgerr error;
      std::memcpy(&error, message.data() + NLMSG_HDRLEN, sizeof error);
      if (awaited > 0) awaited--;
      if (error.error != 0 && code == 0) {
        code = -error.error;
        reason = sentence(message);
      }
    } else if (header.nlmsg_type == NLMSG_DONE) {
      int status = 0;
      if (message.size() >= NLMSG_HDRLEN + sizeof status) {
        std::memcpy(&status, message.data() + NLMSG_HDRLEN, sizeof status);
      }
      if (status < 0 && code == 0) code = -status;
      if (awaited > 0) awaited--;
    } else {
      replies += message;
      replies.resize(aligned(replies.size()));
    }
  }
};

Result<Exchange> exchange(int socket, const std::string& datagram) {
  Exchange state;
  const bool whole = each_message(datagram, [&](const nlmsghdr& header, const std::string&) {
    if ((header.nlmsg_flags & (NLM_F_ACK | NLM_F_DUMP)) != 0) state.awaited++;
  });
  if (!whole) return refuse("send netlink message", "the message is malformed");
  if (::send(socket, datagram.data(), datagram.size(), 0) < 0) return fail("send netlink message");
  while (state.awaited > 0) {
    auto data = receive(socket);
    if (!data) return std::unexpected(data.error());
    each_message(*data, [&](const nlmsghdr& header, const std::string& message) {
      state.take(header, message);
    });
    // A refused batch acknowledges only what it refuses (nfnetlink_rcv_batch in the kernel).
    if (state.code != 0) break;
    if (state.replies.size() > most_reply_bytes) {
      return refuse("read netlink answer", "the kernel's answer does not end");
    }
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
