// shim.json: what the agent decided about one container beyond its OCI configuration.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/error.hh"
#include "restart/restart.hh"
#include "shim/json/fields.hh"
#include "shim/ports/port-relay.hh"

namespace fairlead::shim {

struct LogSettings {
  enum class Driver { json_file, none } driver = Driver::none;
  std::string path;
  int64_t max_size_bytes = 0; // 0 is without limit
  int64_t max_files = 1;      // the current one included
  int64_t buffer_bytes = 0;   // may wait for the disk before lines are dropped; 0: output waits
  std::string attributes;     // a JSON object that goes with each line; empty for none
};

struct HealthSettings {
  std::vector<std::string> argv;
  int64_t interval_ms = 30'000;
  int64_t timeout_ms = 30'000;
  int64_t retries = 3;
  int64_t start_period_ms = 0;
  int64_t start_interval_ms = 5'000;
};

struct Upstream {
  std::string address;
  bool from_host = false; // asked from the host's network namespace, not the container's
};

struct ResolverSettings {
  std::vector<std::string> tables;
  std::vector<Upstream> upstreams;
  std::unordered_map<std::string, std::string> links; // names of the container's own for others
};

// Another program that makes the container; without it the library does.
struct RuntimeSettings {
  enum class Kind { oci, lxc } kind = Kind::oci;
  std::string name;                 // as users know it
  std::string path;                 // of the runtime's binary; of lxc, the folder of its tools
  std::string root;                 // for what it remembers of this container alone
  std::vector<std::string> options; // global ones, before the command
  bool own_cgroup = false;          // the shim makes and limits the cgroup the runtime runs in
};

struct PortReservation {
  bool tcp = true;
  std::string ip;
  uint16_t port = 0;
  std::optional<RelayTarget> relay; // absent where rules of the kernel lead to the container
};

struct Settings {
  std::string id;
  bool tty = false;
  bool open_stdin = false;
  bool stdin_once = false;
  bool auto_start = false;
  LogSettings log;
  RestartSettings restart;
  Restarts restarts; // by the shims before this one
  int stop_signal = 15;
  int64_t stop_timeout_ms = 10'000;
  std::optional<HealthSettings> health;
  std::optional<ResolverSettings> resolver;
  std::vector<PortReservation> ports;
  std::optional<RuntimeSettings> runtime;
};

Result<Settings> read_settings(const std::string& path);
// The same out of an object at hand; `where` names it in errors.
Result<Settings> parse_settings(const Json& root, const std::string& where);
// {"policy":…,"maxRetries":…}, as in shim.json and in the update request.
Result<RestartSettings> parse_restart(const Json& value, const std::string& where);

} // namespace fairlead::shim
