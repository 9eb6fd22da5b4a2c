// Properties of units as values, and how they are written to a D-Bus message.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.hh"
#include "dbus/message.hh"

namespace fairlead::systemd {

using Strings = std::vector<std::string>;
using Pairs = std::vector<std::pair<std::string, std::string>>;
using Bytes = std::vector<uint8_t>;
using Numbers = std::vector<uint32_t>;

struct Property {
  std::string name;
  std::variant<bool, int32_t, uint32_t, int64_t, uint64_t, std::string, Strings, Pairs, Bytes,
               Numbers>
      value;
};
using Properties = std::vector<Property>;

// An array of structs of a name and a variant: a(sv).
void write_properties(dbus::Writer& out, const Properties& properties);

// Properties from annotations "org.systemd.property.NAME", whose values are written as GVariant
// text: true, 5, uint64 5, 'text', ['a', 'b']. A name that ends in Sec means seconds.
Result<Properties> annotated(const std::vector<std::pair<std::string, std::string>>& annotations);

} // namespace fairlead::systemd
