// Framing and acknowledgements of netlink, see netlink(7) and linux/netlink.h.
#include "net/netlink-answer.hh"

#include <linux/netlink.h>

#include <cerrno>
#include <cstring>

namespace fairlead {

namespace {

size_t aligned(size_t size) { return (size + NLMSG_ALIGNTO - 1) & ~size_t{NLMSG_ALIGNTO - 1}; }

// The kernel's refusals are errno values negated; another number is no answer of the protocol.
int refusal(int status) { return status >= -4095 && status < 0 ? -status : EPROTO; }

// Calls visit(header, message) for every complete message; false when one is malformed.
template <typename Visit> bool each_message(const std::string& data, Visit visit) {
  size_t at = 0;
  while (at + sizeof(nlmsghdr) <= data.size()) {
    nlmsghdr header;
    std::memcpy(&header, data.data() + at, sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > data.size() - at) return false;
    visit(header, data.substr(at, header.nlmsg_len));
    at += aligned(header.nlmsg_len);
  }
  return at >= data.size();
}

// The sentence in an extended acknowledgement, whose attributes follow the echoed request.
std::string sentence(const nlmsghdr& header, const nlmsgerr& error, const std::string& message) {
  if ((header.nlmsg_flags & NLM_F_ACK_TLVS) == 0) return {};
  size_t at = NLMSG_HDRLEN + sizeof error;
  if ((header.nlmsg_flags & NLM_F_CAPPED) == 0) {
    if (error.msg.nlmsg_len < sizeof error.msg) return {};
    at += aligned(error.msg.nlmsg_len) - sizeof error.msg;
  }
  while (at + sizeof(nlattr) <= message.size()) {
    nlattr attribute;
    std::memcpy(&attribute, message.data() + at, sizeof attribute);
    if (attribute.nla_len < sizeof attribute || attribute.nla_len > message.size() - at) break;
    if (attribute.nla_type == NLMSGERR_ATTR_MSG) {
      const std::string text =
          message.substr(at + sizeof attribute, attribute.nla_len - sizeof attribute);
      return text.substr(0, text.find('\0'));
    }
    at += aligned(attribute.nla_len);
  }
  return {};
}

} // namespace

bool NetlinkAnswer::expect(const std::string& datagram) {
  return each_message(datagram, [this](const nlmsghdr& header, const std::string&) {
    if ((header.nlmsg_flags & (NLM_F_ACK | NLM_F_DUMP)) != 0) awaited++;
  });
}

void NetlinkAnswer::take(const std::string& datagram) {
  each_message(datagram, [this](const nlmsghdr& header, const std::string& message) {
    if (header.nlmsg_type == NLMSG_ERROR && message.size() >= NLMSG_HDRLEN + sizeof(nlmsgerr)) {
      nlmsgerr error;
      std::memcpy(&error, message.data() + NLMSG_HDRLEN, sizeof error);
      if (awaited > 0) awaited--;
      if (error.error == 0 || code != 0) return;
      code = refusal(error.error);
      reason = sentence(header, error, message);
    } else if (header.nlmsg_type == NLMSG_DONE) {
      int status = 0;
      if (message.size() >= NLMSG_HDRLEN + sizeof status)
        std::memcpy(&status, message.data() + NLMSG_HDRLEN, sizeof status);
      if (status < 0 && code == 0) code = refusal(status);
      if (awaited > 0) awaited--;
    } else {
      replies += message;
      replies.resize(aligned(replies.size()));
    }
  });
}

} // namespace fairlead
