// The command spec: a configuration to begin with, for root or for an ordinary user.
#include <unistd.h>

#include "base/file.hh"
#include "oci/command.hh"

namespace fairlead {

namespace {

constexpr const char* SPEC = R"({
  "ociVersion": "1.3.0",
  "process": {
    "terminal": true,
    "user": { "uid": 0, "gid": 0 },
    "args": ["sh"],
    "env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"],
    "cwd": "/",
    "capabilities": {
      "bounding": ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"],
      "effective": ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"],
      "permitted": ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"]
    },
    "rlimits": [{ "type": "RLIMIT_NOFILE", "hard": 1024, "soft": 1024 }],
    "noNewPrivileges": true
  },
  "root": { "path": "rootfs", "readonly": true },
  "hostname": "fairlead",
  "mounts": [
    { "destination": "/proc", "type": "proc", "source": "proc" },
    { "destination": "/dev", "type": "tmpfs", "source": "tmpfs",
      "options": ["nosuid", "strictatime", "mode=755", "size=65536k"] },
    { "destination": "/dev/pts", "type": "devpts", "source": "devpts",
      "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"] },
    { "destination": "/dev/shm", "type": "tmpfs", "source": "shm",
      "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"] },
    { "destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue",
      "options": ["nosuid", "noexec", "nodev"] },
    { "destination": "/sys", "type": "sysfs", "source": "sysfs",
      "options": ["nosuid", "noexec", "nodev", "ro"] },
    { "destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup",
      "options": ["nosuid", "noexec", "nodev", "relatime", "ro"] }
  ],
  "linux": {
    "resources": { "devices": [{ "allow": false, "access": "rwm" }] },
    "namespaces": [
      { "type": "pid" }, { "type": "network" }, { "type": "ipc" }, { "type": "uts" },
      { "type": "mount" }, { "type": "cgroup" }
    ],
    "maskedPaths": [
      "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
      "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/sys/firmware", "/proc/scsi"
    ],
    "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
  }
}
)";

// What an ordinary user may not do is left out: limits, and a sysfs without a network namespace of
// its own; the caller's ids become root's.
std::string rootless_spec() {
  const auto ids = [](const char* key, unsigned id) {
    return "    \"" + std::string(key) +
           "\": [{ \"containerID\": 0, \"hostID\": " + std::to_string(id) + ", \"size\": 1 }],\n";
  };
  const std::pair<std::string, std::string> changes[] = {
      {"    \"resources\": { \"devices\": [{ \"allow\": false, \"access\": \"rwm\" }] },\n",
       ids("uidMappings", geteuid()) + ids("gidMappings", getegid())},
      {"{ \"type\": \"network\" }, ", "{ \"type\": \"user\" }, "},
      {", \"gid=5\"", ""},
      {"\"type\": \"sysfs\", \"source\": \"sysfs\",\n      \"options\": [",
       "\"type\": \"none\", \"source\": \"/sys\",\n      \"options\": [\"rbind\", "}};
  std::string text = SPEC;
  for (const auto& [from, to] : changes) text.replace(text.find(from), from.size(), to);
  return text;
}

} // namespace

Result<int> spec_command(const Call& call) {
  const auto arguments =
      call.read({{"bundle", 'b', true}, {"file", 'f', true}, {"rootless"}}, 0, 0);
  if (!arguments) return std::unexpected(arguments.error());
  const std::string file =
      arguments->value("bundle", ".") + "/" + arguments->value("file", "config.json");
  if (access(file.c_str(), F_OK) == 0) return refuse("spec", "the file exists", file);
  const std::string text = arguments->has("rootless") ? rootless_spec() : SPEC;
  if (Status done = replace_file(file, text, 0644); !done) return std::unexpected(done.error());
  return 0;
}

} // namespace fairlead
