// The command list.
#include <unistd.h>

#include <cstdio>

#include "base/json-text.hh"
#include "oci/command.hh"
#include "oci/placement.hh"

namespace fairlead {

namespace {

Status check_format(const std::string& format) {
  if (format == "table" || format == "json") return {};
  return refuse("read options", "--format must be table or json", format);
}

} // namespace

Result<int> list_command(const Call& call) {
  const auto arguments = call.read({{"format", 'f', true}, {"quiet", 'q'}}, 0, 0);
  if (!arguments) return std::unexpected(arguments.error());
  const std::string format = arguments->value("format", "table");
  if (Status done = check_format(format); !done) return std::unexpected(done.error());
  const bool json = format == "json";
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

} // namespace fairlead
