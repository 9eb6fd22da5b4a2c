// The bytes of netlink messages and their attributes (netlink(7)); knows no message's meaning.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace fairlead {

// The bytes of a structure of the kernel's, such as struct nfgenmsg.
template <typename T> std::string_view bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

// One attribute, padded to four bytes.
std::string attribute(uint16_t type, std::string_view payload);
// With the zero that closes a text.
std::string text_attribute(uint16_t type, std::string_view text);
// In network order, as netfilter wants its numbers.
std::string big_endian_attribute(uint16_t type, uint32_t value);
// An attribute made of attributes.
std::string nested_attribute(uint16_t type, std::string_view attributes);

// A whole request: the netlink header, the family's own header, and attributes.
std::string netlink_message(uint16_t type, uint16_t flags, std::string_view family_header,
                            std::string_view attributes = {});

} // namespace fairlead
