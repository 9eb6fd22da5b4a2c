// Calls of systemd's manager, see units.hh.
#include "systemd/units.hh"

#include <unistd.h>

#include <cstdlib>

#include "runtime/user-namespace.hh"
#include "systemd/limits.hh"

namespace fairlead::systemd {

namespace {

constexpr const char* BUS = "org.freedesktop.DBus";
constexpr const char* SERVICE = "org.freedesktop.systemd1";
constexpr const char* PATH = "/org/freedesktop/systemd1";
constexpr const char* MANAGER = "org.freedesktop.systemd1.Manager";
constexpr const char* SIGNALS = "type='signal',sender='org.freedesktop.systemd1',"
                                "path='/org/freedesktop/systemd1',"
                                "interface='org.freedesktop.systemd1.Manager',"
                                "member='JobRemoved'";
constexpr std::chrono::seconds JOB_PATIENCE{60};

struct Server {
  std::string socket;
  bool bus;
};

std::string environment(const char* name) {
  const char* value = getenv(name);
  return value == nullptr ? "" : value;
}

// What somebody names comes first. Then systemd's own socket, as a host may have no bus at all.
std::vector<Server> servers(bool of_user) {
  std::vector<Server> out;
  const char* variable = of_user ? "DBUS_SESSION_BUS_ADDRESS" : "DBUS_SYSTEM_BUS_ADDRESS";
  const std::string named = dbus::socket_of(environment(variable));
  std::string run = of_user ? environment("XDG_RUNTIME_DIR") : "/run";
  if (run.empty()) run = "/run/user/" + std::to_string(geteuid());
  if (!named.empty()) out.push_back({named, true});
  out.push_back({run + "/systemd/private", false});
  out.push_back({run + (of_user ? "/bus" : "/dbus/system_bus_socket"), true});
  return out;
}

std::string names_body(std::initializer_list<std::string_view> words) {
  dbus::Writer body;
  for (const std::string_view word : words) body.text(word);
  return std::move(body.bytes());
}

bool is_error(const Status& status, const char* name) {
  return !status && status.error().path == std::string(SERVICE) + "." + name;
}

} // namespace

bool Units::is_of_user() { return geteuid() != 0 || in_user_namespace(); }

Result<Units> Units::open(bool of_user) {
  std::string tried;
  for (const Server& server : servers(of_user)) {
    auto connection = dbus::Connection::open(server.socket, server.bus, SERVICE);
    if (!connection) {
      tried += (tried.empty() ? "" : "; ") + describe(connection.error());
      continue;
    }
    Units units(std::move(*connection), of_user);
    if (Status done = units.listen(); !done) return std::unexpected(done.error());
    return units;
  }
  return refuse("reach systemd",
                std::string("--systemd-cgroup needs ") +
                    (of_user ? "the systemd of this user (user@.service)" : "a host with systemd") +
                    ": " + tried);
}

// A bus delivers only the signals that were asked for, and systemd sends them only to subscribers.
Status Units::listen() {
  if (!connection_.on_bus()) return {};
  if (const auto done = call("Subscribe", "", ""); !done) return std::unexpected(done.error());
  const auto matched =
      connection_.call({BUS, "/org/freedesktop/DBus", BUS, "AddMatch", "s", names_body({SIGNALS})});
  return matched ? Status{} : std::unexpected(matched.error());
}

Result<dbus::Message> Units::call(const char* method, const char* signature, std::string body) {
  return connection_.call({"", PATH, MANAGER, method, signature, std::move(body)});
}

Result<std::string> Units::property(const char* name) {
  const auto got = connection_.call(
      {"", PATH, "org.freedesktop.DBus.Properties", "Get", "ss", names_body({MANAGER, name})});
  if (!got) return std::unexpected(got.error());
  dbus::Reader in = got->reader();
  if (got->signature != "v" || in.signature() != "s")
    return refuse("ask systemd", "the answer is not a text", name);
  std::string value = in.text();
  if (!in.ok()) return refuse("ask systemd", "the answer is malformed", name);
  return value;
}

Result<std::string> Units::cgroup() {
  auto path = property("ControlGroup");
  if (!path) return path;
  // It becomes part of paths that are written to and removed.
  const bool plain = path->empty() || (path->starts_with('/') && !path->ends_with('/') &&
                                       (*path + "/").find("/../") == path->npos);
  if (!plain) return refuse("ask systemd", "the manager's cgroup is no plain path", *path);
  return path;
}

Result<Properties> Units::limits(const Resources& resources) {
  const auto text = property("Version"); // "252 (252.39-1)", "v239"
  if (!text) return std::unexpected(text.error());
  const size_t digit = text->find_first_of("0123456789");
  const auto version =
      digit == text->npos ? 0 : static_cast<unsigned>(strtoul(&(*text)[digit], nullptr, 10));
  auto out = limits_of(resources, version);
  // A user's systemd cannot watch devices, and its processes can make no nodes.
  if (out && of_user_)
    std::erase_if(*out, [](const Property& one) { return one.name.starts_with("Device"); });
  return out;
}

Status Units::finish(const Result<dbus::Message>& answer, const std::string& unit) {
  if (!answer) return std::unexpected(answer.error());
  dbus::Reader in = answer->reader();
  const std::string job = in.text();
  if (answer->signature != "o" || !in.ok())
    return refuse("ask systemd", "the answer names no job", unit);
  std::string result;
  const auto ended = [&](const dbus::Message& signal) {
    if (signal.member != "JobRemoved" || signal.signature != "uoss") return false;
    if (signal.sender != answer->sender) return false; // anybody may send to us on a bus
    dbus::Reader fields = signal.reader();
    fields.number32();
    const bool ours = fields.text() == job;
    fields.text();
    result = fields.text();
    return ours && fields.ok();
  };
  const auto signal = connection_.wait_signal(ended, JOB_PATIENCE);
  if (!signal) return std::unexpected(signal.error());
  return result == "done" ? Status{} : refuse("wait for systemd", "the job's end: " + result, unit);
}

Status Units::start(const Unit& unit, pid_t pid, const std::string& description,
                    const Resources& resources, const Properties& more) {
  auto limits = this->limits(resources);
  if (!limits) return std::unexpected(limits.error());
  Properties all{{"Description", description}, {"DefaultDependencies", false}};
  if (unit.is_slice()) {
    all.push_back({"Wants", Strings{unit.slice}});
  } else {
    all.push_back({"Slice", unit.slice});
    all.push_back({"Delegate", true});
    all.push_back({"PIDs", Numbers{static_cast<uint32_t>(pid)}});
    all.push_back({"CollectMode", std::string("inactive-or-failed")}); // systemd 236
  }
  for (const char* name : {"MemoryAccounting", "CPUAccounting", "TasksAccounting"})
    all.push_back({name, true});
  all.insert(all.end(), limits->begin(), limits->end());
  all.insert(all.end(), more.begin(), more.end());
  dbus::Writer body;
  body.text(unit.name);
  body.text("replace");
  write_properties(body, all);
  body.end_array(body.begin_array(8)); // no further units
  const auto try_it = [&] {
    return finish(call("StartTransientUnit", "ssa(sv)a(sa(sv))", body.bytes()), unit.name);
  };
  Status done = try_it();
  if (!is_error(done, "UnitExists")) return done;
  // A failed unit of an earlier container stays until somebody has looked at it.
  (void)call("ResetFailedUnit", "s", names_body({unit.name}));
  return try_it();
}

Status Units::attach(const std::string& unit, pid_t pid) {
  dbus::Writer body;
  body.text(unit);
  body.text(""); // the unit's own cgroup, none below
  const auto pids = body.begin_array(4);
  body.number(static_cast<uint32_t>(pid));
  body.end_array(pids);
  const auto done = call("AttachProcessesToUnit", "ssau", std::move(body.bytes())); // 238
  return done ? Status{} : std::unexpected(done.error());
}

Status Units::update(const std::string& unit, const Resources& resources) {
  const auto limits = this->limits(resources);
  if (!limits) return std::unexpected(limits.error());
  if (limits->empty()) return {};
  dbus::Writer body;
  body.text(unit);
  body.flag(true); // until the unit ends
  write_properties(body, *limits);
  const auto done = call("SetUnitProperties", "sba(sv)", body.bytes());
  return done ? Status{} : std::unexpected(done.error());
}

Status Units::stop(const std::string& unit) {
  Status done = finish(call("StopUnit", "ss", names_body({unit, "replace"})), unit);
  if (is_error(done, "NoSuchUnit")) return {};
  (void)call("ResetFailedUnit", "s", names_body({unit}));
  return done;
}

} // namespace fairlead::systemd
