// Writing of properties, see property.hh.
#include "systemd/property.hh"

namespace fairlead::systemd {

namespace {

struct Variant {
  dbus::Writer& out;

  void operator()(bool value) const {
    out.signature("b");
    out.flag(value);
  }
  void operator()(int32_t value) const { number("i", value); }
  void operator()(uint32_t value) const { number("u", value); }
  void operator()(int64_t value) const { number("x", value); }
  void operator()(uint64_t value) const { number("t", value); }
  void operator()(const std::string& value) const {
    out.signature("s");
    out.text(value);
  }
  void operator()(const Strings& values) const {
    out.signature("as");
    const auto array = out.begin_array(4);
    for (const std::string& value : values) out.text(value);
    out.end_array(array);
  }
  void operator()(const Pairs& values) const {
    out.signature("a(ss)");
    const auto array = out.begin_array(8);
    for (const auto& [first, second] : values) {
      out.align(8);
      out.text(first);
      out.text(second);
    }
    out.end_array(array);
  }
  void operator()(const Bytes& values) const {
    out.signature("ay");
    const auto array = out.begin_array(1);
    for (const uint8_t value : values) out.byte(value);
    out.end_array(array);
  }
  void operator()(const Numbers& values) const {
    out.signature("au");
    const auto array = out.begin_array(4);
    for (const uint32_t value : values) out.number(value);
    out.end_array(array);
  }

  template <typename T> void number(const char* type, T value) const {
    out.signature(type);
    out.number(value);
  }
};

} // namespace

void write_properties(dbus::Writer& out, const Properties& properties) {
  const auto array = out.begin_array(8);
  for (const Property& property : properties) {
    out.align(8);
    out.text(property.name);
    std::visit(Variant{out}, property.value);
  }
  out.end_array(array);
}

} // namespace fairlead::systemd
