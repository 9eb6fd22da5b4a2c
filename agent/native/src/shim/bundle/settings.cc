// Reading shim.json strictly: a wrong type or range is refused with the key's name.
#include "shim/bundle/settings.hh"

#include <arpa/inet.h>

#include <algorithm>
#include <limits>

#include "base/file.hh"
#include "base/words.hh"

namespace fairlead::shim {

namespace {

constexpr int64_t FOREVER_MS = std::numeric_limits<int64_t>::max() / 4;
constexpr size_t MOST_ITEMS = 4096;

bool is_id(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

Result<LogSettings> parse_log(const Json& value) {
  Fields fields(value, "shim.json log");
  LogSettings log;
  const std::string driver = fields.text("driver");
  if (driver == "json-file") log.driver = LogSettings::Driver::json_file;
  else if (driver != "none") fields.problem("driver", "must be json-file or none");
  if (log.driver == LogSettings::Driver::json_file) {
    log.path = fields.text("path");
    if (!log.path.starts_with('/')) fields.problem("path", "must be absolute");
  }
  log.max_size_bytes = fields.number_or("maxSizeBytes", 0, FOREVER_MS, 0);
  log.max_files = fields.number_or("maxFiles", 1, 10'000, 1);
  log.buffer_bytes = fields.number_or("bufferBytes", 1, FOREVER_MS, 0);
  log.attributes = fields.text_or("attributes", "");
  if (log.attributes.find('\n') != std::string::npos)
    fields.problem("attributes", "must be one line");
  if (const Status status = fields.status(); !status) return std::unexpected(status.error());
  return log;
}

Result<HealthSettings> parse_health(const Json& value) {
  Fields fields(value, "shim.json healthcheck");
  HealthSettings health;
  health.argv = fields.texts("argv", MOST_ITEMS);
  if (health.argv.empty()) fields.problem("argv", "must not be empty");
  health.interval_ms = fields.number_or("intervalMs", 1, FOREVER_MS, health.interval_ms);
  health.timeout_ms = fields.number_or("timeoutMs", 1, FOREVER_MS, health.timeout_ms);
  health.retries = fields.number_or("retries", 1, 1'000'000, health.retries);
  health.start_period_ms = fields.number_or("startPeriodMs", 0, FOREVER_MS, 0);
  health.start_interval_ms =
      fields.number_or("startIntervalMs", 1, FOREVER_MS, health.start_interval_ms);
  if (const Status status = fields.status(); !status) return std::unexpected(status.error());
  return health;
}

bool is_address(const std::string& text) {
  unsigned char bytes[16];
  return ::inet_pton(AF_INET, text.c_str(), bytes) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), bytes) == 1;
}

Result<ResolverSettings> parse_resolver(const Json& value) {
  Fields fields(value, "shim.json resolver");
  ResolverSettings resolver;
  resolver.tables = fields.texts("tables", 256);
  std::vector<std::string> from_host;
  if (fields.has("hostUpstreams")) from_host = fields.texts("hostUpstreams", 16);
  for (std::string& address : fields.texts("upstreams", 16)) {
    if (!is_address(address)) fields.problem("upstreams", "must be IP addresses, not " + address);
    const bool host = std::ranges::find(from_host, address) != from_host.end();
    resolver.upstreams.push_back({std::move(address), host});
  }
  if (fields.has("search")) fields.texts("search", 64); // for resolv.conf, which the agent writes
  if (fields.has("links")) {
    for (const std::string& link : fields.texts("links", 4096)) {
      const size_t space = link.find(' ');
      if (space == std::string::npos) fields.problem("links", "must be ALIAS NAME, not " + link);
      else resolver.links[lower_case(link.substr(0, space))] = lower_case(link.substr(space + 1));
    }
  }
  if (const Status status = fields.status(); !status) return std::unexpected(status.error());
  return resolver;
}

Result<RelayTarget> parse_relay(const Json& value) {
  Fields fields(value, "shim.json reservePorts relay");
  RelayTarget target;
  target.netns = fields.text("netns");
  target.ip = fields.text("ip");
  if (!target.netns.starts_with('/')) fields.problem("netns", "must be an absolute path");
  if (!is_address(target.ip)) fields.problem("ip", "must be an IP address");
  target.port = static_cast<uint16_t>(fields.number("port", 1, 65535));
  if (const Status status = fields.status(); !status) return std::unexpected(status.error());
  return target;
}

Result<PortReservation> parse_port(const Json& value) {
  Fields fields(value, "shim.json reservePorts");
  PortReservation port;
  const std::string protocol = fields.text("protocol");
  if (protocol != "tcp" && protocol != "udp") fields.problem("protocol", "must be tcp or udp");
  port.tcp = protocol == "tcp";
  port.ip = fields.text("ip");
  if (!is_address(port.ip)) fields.problem("ip", "must be an IP address");
  port.port = static_cast<uint16_t>(fields.number("port", 1, 65535));
  if (const Json* relay = fields.object("relay")) {
    auto target = parse_relay(*relay);
    if (!target) return std::unexpected(target.error());
    port.relay = std::move(*target);
  }
  if (const Status status = fields.status(); !status) return std::unexpected(status.error());
  return port;
}

Result<RuntimeSettings> parse_runtime(const Json& value) {
  Fields fields(value, "shim.json runtime");
  RuntimeSettings runtime;
  const std::string kind = fields.text("kind");
  if (kind == "lxc") runtime.kind = RuntimeSettings::Kind::lxc;
  else if (kind != "oci") fields.problem("kind", "must be oci or lxc");
  runtime.name = fields.text("name");
  runtime.path = fields.text("path");
  runtime.root = fields.text("root");
  if (!runtime.path.starts_with('/')) fields.problem("path", "must be absolute");
  if (!runtime.root.starts_with('/')) fields.problem("root", "must be absolute");
  if (fields.has("options")) runtime.options = fields.texts("options", 64);
  runtime.own_cgroup = fields.flag_or("ownCgroup", false);
  if (const Status status = fields.status(); !status) return std::unexpected(status.error());
  return runtime;
}

Result<Restarts> parse_restarts(const Json& value) {
  Fields fields(value, "shim.json restarts");
  Restarts restarts;
  restarts.count = fields.number("count", 0, 1'000'000'000);
  restarts.delay_ms = fields.number("delayMs", 0, FOREVER_MS);
  if (const Status status = fields.status(); !status) return std::unexpected(status.error());
  return restarts;
}

// The nested objects; each has its own place in errors.
Status parse_parts(const Json& root, Fields& fields, Settings& settings) {
  const Json* log = fields.object("log");
  if (log == nullptr) return refuse("read JSON", "log must be an object", "shim.json");
  auto parsed_log = parse_log(*log);
  if (!parsed_log) return std::unexpected(parsed_log.error());
  settings.log = std::move(*parsed_log);
  if (const Json* restart = fields.object("restart")) {
    auto parsed = parse_restart(*restart, "shim.json restart");
    if (!parsed) return std::unexpected(parsed.error());
    settings.restart = *parsed;
  }
  if (const Json* restarts = fields.object("restarts")) {
    auto parsed = parse_restarts(*restarts);
    if (!parsed) return std::unexpected(parsed.error());
    settings.restarts = *parsed;
  }
  if (const Json* health = fields.object("healthcheck")) {
    auto parsed = parse_health(*health);
    if (!parsed) return std::unexpected(parsed.error());
    settings.health = std::move(*parsed);
  }
  if (const Json* resolver = fields.object("resolver")) {
    auto parsed = parse_resolver(*resolver);
    if (!parsed) return std::unexpected(parsed.error());
    settings.resolver = std::move(*parsed);
  }
  if (const Json* runtime = fields.object("runtime")) {
    auto parsed = parse_runtime(*runtime);
    if (!parsed) return std::unexpected(parsed.error());
    settings.runtime = std::move(*parsed);
  }
  const Json* ports = member(root, "reservePorts");
  if (ports == nullptr) return {};
  if (!ports->IsArray() || ports->Size() > MOST_ITEMS)
    return refuse("read JSON", "reservePorts must be a short list", "shim.json");
  for (const Json& item : ports->GetArray()) {
    auto parsed = parse_port(item);
    if (!parsed) return std::unexpected(parsed.error());
    settings.ports.push_back(std::move(*parsed));
  }
  return {};
}

} // namespace

Result<Settings> read_settings(const std::string& path) {
  const auto text = read_file(path);
  if (!text) return std::unexpected(text.error());
  const auto root = parse_object(*text, path);
  if (!root) return std::unexpected(root.error());
  return parse_settings(*root, path);
}

Result<Settings> parse_settings(const Json& root, const std::string& where) {
  Fields fields(root, where);
  Settings settings;
  settings.id = fields.text("id");
  if (!is_id(settings.id)) fields.problem("id", "must be 64 hexadecimal digits");
  settings.tty = fields.flag("tty");
  settings.open_stdin = fields.flag("openStdin");
  settings.stdin_once = fields.flag("stdinOnce");
  settings.auto_start = fields.flag_or("autoStart", false);
  settings.stop_signal = static_cast<int>(fields.number_or("stopSignal", 1, 64, 15));
  settings.stop_timeout_ms = fields.number_or("stopTimeoutMs", -1, FOREVER_MS, 10'000);
  if (const Status status = fields.status(); !status) return std::unexpected(status.error());
  const Status parts = parse_parts(root, fields, settings);
  if (!parts) return std::unexpected(parts.error());
  return settings;
}

Result<RestartSettings> parse_restart(const Json& value, const std::string& where) {
  Fields fields(value, where);
  RestartSettings restart;
  const auto policy = restart_policy(fields.text("policy"));
  if (policy) restart.policy = *policy;
  else fields.problem("policy", "must be no, always, unless-stopped or on-failure");
  restart.max_retries = fields.number_or("maxRetries", 0, 1'000'000'000, 0);
  if (const Status status = fields.status(); !status) return std::unexpected(status.error());
  return restart;
}

} // namespace fairlead::shim
