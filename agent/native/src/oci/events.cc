// The command events: what a container uses, as JSON in the form of runc.
#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "base/file.hh"
#include "base/json-text.hh"
#include "oci/command.hh"
#include "oci/placement.hh"

namespace fairlead {

namespace {

constexpr int MOST_INTERVAL_MS = 3'600'000;

struct Folder {
  std::string path;

  // The first number of a file, or of the line that begins with `key`; "max" counts as 2^64-1.
  uint64_t number(const char* file, const std::string& key = "") const {
    const auto text = read_file(path + "/" + file, 1U << 16U);
    if (path.empty() || !text) return 0;
    const size_t line = key.empty() ? 0 : ("\n" + *text).find("\n" + key + " ");
    if (line == text->npos) return 0;
    const char* at = text->c_str() + line + (key.empty() ? 0 : key.size() + 1);
    return std::string_view(at).starts_with("max") ? ~uint64_t{0} : strtoull(at, nullptr, 10);
  }

  bool has(const char* file) const { return access((path + "/" + file).c_str(), F_OK) == 0; }

  // "key value" lines as members.
  std::string members(const char* file) const {
    std::string out;
    const auto text = read_file(path + "/" + file, 1U << 16U);
    for (size_t at = 0; text && at < text->size();) {
      const size_t end = std::min(text->find('\n', at), text->size());
      const size_t blank = text->find(' ', at);
      if (blank < end)
        out += (out.empty() ? "" : ",") + quoted(text->substr(at, blank - at)) + ":" +
               std::to_string(strtoull(text->c_str() + blank, nullptr, 10));
      at = end + 1;
    }
    return "{" + out + "}";
  }
};

std::string field(const char* name, uint64_t value) {
  return "\"" + std::string(name) + "\":" + std::to_string(value);
}

std::string processor_stats(const Cgroup& cgroup) {
  const Folder cpu{cgroup.directory_of("cpu")};
  const Folder account{cgroup.directory_of("cpuacct")};
  uint64_t total = 0, kernel = 0, user = 0;
  if (cpu.has("cpu.weight") || account.path.empty()) { // v2 counts in microseconds
    total = cpu.number("cpu.stat", "usage_usec") * 1000;
    kernel = cpu.number("cpu.stat", "system_usec") * 1000;
    user = cpu.number("cpu.stat", "user_usec") * 1000;
  } else {
    total = account.number("cpuacct.usage");
    kernel = account.number("cpuacct.usage_sys");
    user = account.number("cpuacct.usage_user");
  }
  const uint64_t throttled =
      cpu.number("cpu.stat", "throttled_usec") * 1000 + cpu.number("cpu.stat", "throttled_time");
  return "\"cpu\":{\"usage\":{" + field("total", total) + "," + field("kernel", kernel) + "," +
         field("user", user) + "},\"throttling\":{" +
         field("periods", cpu.number("cpu.stat", "nr_periods")) + "," +
         field("throttledPeriods", cpu.number("cpu.stat", "nr_throttled")) + "," +
         field("throttledTime", throttled) + "}}";
}

std::string memory_stats(const Cgroup& cgroup) {
  const Folder memory{cgroup.directory_of("memory")};
  const bool v2 = memory.has("memory.current");
  const auto usage = [&](const char* name, const char* used, const char* limit, const char* most) {
    return "\"" + std::string(name) + "\":{" + field("usage", memory.number(used)) + "," +
           field("limit", memory.number(limit)) + "," + field("max", memory.number(most)) + "}";
  };
  const std::string numbers =
      v2 ? usage("usage", "memory.current", "memory.max", "memory.peak") + "," +
               usage("swap", "memory.swap.current", "memory.swap.max", "memory.swap.peak")
         : usage("usage", "memory.usage_in_bytes", "memory.limit_in_bytes",
                 "memory.max_usage_in_bytes") +
               "," +
               usage("swap", "memory.memsw.usage_in_bytes", "memory.memsw.limit_in_bytes",
                     "memory.memsw.max_usage_in_bytes");
  return "\"memory\":{" + numbers + ",\"raw\":" + memory.members("memory.stat") + "}";
}

std::string stats_line(const Record& record) {
  const Cgroup cgroup = cgroup_of(record);
  const Folder pids{cgroup.directory_of("pids")};
  return "{\"type\":\"stats\",\"id\":" + quoted(record.id) + ",\"data\":{" +
         processor_stats(cgroup) + "," + memory_stats(cgroup) + ",\"pids\":{" +
         field("current", pids.number("pids.current")) + "," +
         field("limit", pids.number("pids.max")) + "}," + field("oomKills", cgroup.oom_kills()) +
         "}}";
}

// "5s", "500ms", "2m" (Go's durations, as far as callers use them).
Result<int> interval_ms(const std::string& text) {
  char* end = nullptr;
  const double value = strtod(text.c_str(), &end);
  const std::string unit = end;
  const double scale = unit == "ms" ? 1 : unit == "s" ? 1000 : unit == "m" ? 60'000 : 0;
  const double total = value * scale;
  if (end == text.c_str() || !(total >= 1 && total <= MOST_INTERVAL_MS))
    return refuse("read options", "must be a time such as 5s, of at most an hour", text);
  return static_cast<int>(total);
}

} // namespace

Result<int> events_command(const Call& call) {
  const auto arguments = call.read({{"stats"}, {"interval", '\0', true}}, 1, 1);
  if (!arguments) return std::unexpected(arguments.error());
  const auto pause = interval_ms(arguments->value("interval", "5s"));
  if (!pause) return std::unexpected(pause.error());
  const auto record = call.store.load(arguments->rest[0]);
  if (!record) return std::unexpected(record.error());
  if (status_of(call.store, *record) == "stopped")
    return refuse("events", "the container is stopped", record->id);
  const Cgroup cgroup = cgroup_of(*record);
  uint64_t kills = cgroup.oom_kills();
  for (;;) {
    std::puts(stats_line(*record).c_str());
    if (std::fflush(stdout) != 0) return fail("write events");
    if (arguments->has("stats")) return 0;
    poll(nullptr, 0, *pause);
    if (status_of(call.store, *record) == "stopped") return 0;
    if (const uint64_t now = cgroup.oom_kills(); now != kills) {
      std::printf("{\"type\":\"oom\",\"id\":%s}\n", quoted(record->id).c_str());
      kills = now;
    }
  }
}

} // namespace fairlead
