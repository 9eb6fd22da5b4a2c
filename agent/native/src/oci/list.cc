// The commands list and ps.
#include <unistd.h>

#include <cstdio>

#include "base/file.hh"
#include "base/json-text.hh"
#include "oci/command.hh"
#include "oci/placement.hh"

namespace fairlead {

namespace {

std::string command_line(pid_t pid) {
  const auto text = read_file("/proc/" + std::to_string(pid) + "/cmdline", 1U << 20U);
  std::string line = text ? *text : "";
  while (!line.empty() && line.back() == '\0')
    line.pop_back();
  for (char& c : line) // nothing of a container's may move the cursor of who looks
    c = c == '\0' ? ' ' : static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return line;
}

} // namespace

Result<int> list_command(const Call& call) {
  const auto arguments = call.read({{"format", 'f', true}, {"quiet", 'q'}}, 0, 0);
  if (!arguments) return std::unexpected(arguments.error());
  const bool json = arguments->value("format", "table") == "json";
  const bool quiet = arguments->has("quiet");
  std::string out;
  if (!json && !quiet) std::printf("%-20s %-8s %-9s %s\n", "ID", "PID", "STATUS", "BUNDLE");
  for (const std::string& id : call.store.ids()) {
    const auto record = call.store.load(id);
    if (!record) continue; // deleted meanwhile
    const std::string status = status_of(call.store, *record);
    const int pid = status == "stopped" ? 0 : record->pid;
    if (quiet) std::puts(id.c_str());
    else if (!json)
      std::printf("%-20s %-8d %-9s %s\n", id.c_str(), pid, status.c_str(), record->bundle.c_str());
    out += (out.empty() ? "" : ",") + std::string("{\"ociVersion\":\"1.3.0\",\"id\":") +
           quoted(id) + ",\"pid\":" + std::to_string(pid) + ",\"status\":" + quoted(status) +
           ",\"bundle\":" + quoted(record->bundle) + ",\"created\":" + quoted(record->created) +
           ",\"owner\":" + quoted(std::to_string(record->owner)) + "}";
  }
  if (json && !quiet) std::printf("[%s]\n", out.c_str());
  return 0;
}

Result<int> ps_command(const Call& call) {
  const auto arguments = call.read({{"format", 'f', true}}, 1, 64);
  if (!arguments) return std::unexpected(arguments.error());
  const auto record = call.store.load(arguments->rest[0]);
  if (!record) return std::unexpected(record.error());
  if (arguments->rest.size() > 1)
    return refuse("ps", "options of ps(1) are not supported, only --format", arguments->rest[1]);
  const auto pids = cgroup_of(*record).pids();
  if (!pids) return std::unexpected(pids.error());
  const bool json = arguments->value("format", "table") == "json";
  std::string out;
  if (!json) std::printf("%-8s %s\n", "PID", "CMD");
  for (const pid_t pid : *pids) {
    if (!json) std::printf("%-8d %s\n", pid, command_line(pid).c_str());
    out += (out.empty() ? "" : ",") + std::to_string(pid);
  }
  if (json) std::printf("[%s]\n", out.c_str());
  return 0;
}

} // namespace fairlead
