// The table of targets, and those that only call a parser.
#include "targets.hh"

#include <cstring>

#include "dbus/connection.hh"
#include "net/netlink-answer.hh"
#include "runtime/seccomp.hh"
#include "runtime/spec.hh"
#include "shim/bundle/settings.hh"
#include "shim/dns/message.hh"
#include "shim/json/fields.hh"
#include "shim/json/quote.hh"
#include "systemd/property.hh"
#include "systemd/unit.hh"

namespace fairlead::fuzz {

void config(const std::string& input) {
  (void)parse_spec_text(input);
  (void)parse_resources(input);
  (void)parse_process(input);
}

void seccomp(const std::string& input) {
  constexpr auto BEFORE = R"({"ociVersion":"1.2.0","root":{"path":"/"},"linux":{"seccomp":)";
  const auto spec = parse_spec_text(BEFORE + input + "}}");
  if (!spec || !spec->seccomp) return;
  (void)compile_filter(*spec->seccomp);
}

void netlink(const std::string& input) {
  NetlinkAnswer answer;
  const size_t middle = input.size() / 2;
  if (!answer.expect(input)) answer.take(input);
  answer.take(input.substr(0, middle));
  answer.take(input.substr(middle));
}

void dns(const std::string& input) {
  using namespace fairlead::shim;
  const auto parsed = dns::parse_query(input);
  if (parsed) {
    const std::string four(4, '\x7f'), sixteen(16, '\xfe');
    const std::string pointed = dns::encode_name(parsed->query.name).value_or("");
    const std::vector<dns::Record> records = {
        {dns::Type::a, four}, {dns::Type::aaaa, sixteen}, {dns::Type::ptr, pointed}};
    for (const size_t limit : {12U, 64U, 512U, 65535U})
      (void)dns::answer(parsed->query, parsed->code, records, limit);
    (void)dns::reverse_address(parsed->query.name);
    (void)dns::answers(input, parsed->query.id, parsed->query.question);
  }
  (void)dns::reverse_address(input);
  (void)dns::encode_name(input);
}

void dbus(const std::string& input) {
  const auto message = fairlead::dbus::decode_message(input);
  if (message) {
    auto values = message->reader();
    for (const char type : message->signature)
      if (type == 'v') (void)values.signature();
      else if (!values.skip(type)) break;
    auto job = message->reader();
    (void)job.number32();
    (void)job.text();
    (void)job.number64();
  }
  (void)fairlead::dbus::socket_of(input);
  (void)systemd::unit_of(input, "id", false);
  const auto properties = systemd::annotated({{"org.systemd.property.TimeoutStopSec", input},
                                              {"org.systemd.property.Documentation", input},
                                              {input, "true"}});
  fairlead::dbus::Writer out;
  if (properties) systemd::write_properties(out, *properties);
}

void shim(const std::string& input) {
  using namespace fairlead::shim;
  (void)quoted(input);
  const auto parsed = parse_object(input, "input");
  if (!parsed) return;
  (void)parse_settings(*parsed, "input");
}

namespace {

constexpr Target TARGETS[] = {{"config", config, false},   {"seccomp", seccomp, false},
                              {"netlink", netlink, false}, {"archive", archive, true},
                              {"dns", dns, false},         {"shim", shim, false},
                              {"dbus", dbus, false}};

} // namespace

const Target* find_target(const char* name) {
  for (const Target& target : TARGETS)
    if (name != nullptr && strcmp(name, target.name) == 0) return &target;
  return nullptr;
}

} // namespace fairlead::fuzz
