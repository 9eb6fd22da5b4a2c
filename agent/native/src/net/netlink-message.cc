// Writing netlink messages.
#include "net/netlink-message.hh"

#include <arpa/inet.h>
#include <linux/netlink.h>

namespace fairlead {

namespace {

void pad(std::string& bytes) { bytes.resize(NLMSG_ALIGN(bytes.size())); }

} // namespace

std::string attribute(uint16_t type, std::string_view payload) {
  const nlattr header = {static_cast<uint16_t>(NLA_HDRLEN + payload.size()), type};
  std::string out(bytes_of(header));
  out += payload;
  pad(out);
  return out;
}

std::string text_attribute(uint16_t type, std::string_view text) {
  std::string closed(text);
  closed += '\0';
  return attribute(type, closed);
}

std::string big_endian_attribute(uint16_t type, uint32_t value) {
  return attribute(type, bytes_of(htonl(value)));
}

std::string nested_attribute(uint16_t type, std::string_view attributes) {
  return attribute(type | NLA_F_NESTED, attributes);
}

std::string netlink_message(uint16_t type, uint16_t flags, std::string_view family_header,
                            std::string_view attributes) {
  nlmsghdr header = {};
  header.nlmsg_len = static_cast<uint32_t>(NLMSG_HDRLEN + family_header.size() + attributes.size());
  header.nlmsg_type = type;
  header.nlmsg_flags = flags | NLM_F_REQUEST;
  std::string out(bytes_of(header));
  out += family_header;
  out += attributes;
  pad(out);
  return out;
}

} // namespace fairlead
