// The command update: limits of a running container.
#include <unistd.h>

#include <cstdlib>

#include "base/file.hh"
#include "oci/command.hh"
#include "oci/placement.hh"

namespace fairlead {

namespace {

constexpr std::initializer_list<Flag> FLAGS = {
    {"resources", 'r', true},           {"memory", '\0', true},
    {"memory-reservation", '\0', true}, {"memory-swap", '\0', true},
    {"cpu-period", '\0', true},         {"cpu-quota", '\0', true},
    {"cpu-burst", '\0', true},          {"cpu-share", '\0', true},
    {"cpu-idle", '\0', true},           {"cpuset-cpus", '\0', true},
    {"cpuset-mems", '\0', true},        {"pids-limit", '\0', true},
    {"blkio-weight", '\0', true},       {"cpu-rt-period", '\0', true},
    {"cpu-rt-runtime", '\0', true},     {"kernel-memory", '\0', true},
    {"kernel-memory-tcp", '\0', true},  {"l3-cache-schema", '\0', true},
    {"mem-bw-schema", '\0', true}};

Result<std::string> read_stdin() {
  std::string text;
  char bytes[4096];
  for (;;) {
    const ssize_t got = read(0, bytes, sizeof bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail("read resources", "stdin");
    if (got == 0) return text;
    text.append(bytes, static_cast<size_t>(got));
    if (text.size() > (1U << 20U)) return refuse("read resources", "larger than 1 MiB", "stdin");
  }
}

// Bytes with an optional unit (b, k, m, g, t), or -1.
Result<int64_t> number(const std::string& text) {
  char* end = nullptr;
  errno = 0;
  int64_t value = strtoll(text.c_str(), &end, 10);
  if (end == text.c_str() || errno != 0) return refuse("read options", "is not a number", text);
  int shift = 0;
  switch (*end | 0x20) {
  case 'k': shift = 10; break;
  case 'm': shift = 20; break;
  case 'g': shift = 30; break;
  case 't': shift = 40; break;
  default: break;
  }
  if (shift != 0 || *end == 'b' || *end == 'B') ++end;
  if (*end != '\0' || value > (INT64_MAX >> shift))
    return refuse("read options", "is not a number", text);
  return value * (int64_t{1} << shift);
}

template <typename T>
Status take(const Arguments& arguments, const char* name, std::optional<T>& out) {
  if (!arguments.has(name)) return {};
  const auto value = number(arguments.value(name));
  if (!value) return std::unexpected(value.error());
  out = static_cast<T>(*value);
  return {};
}

Result<Resources> from_flags(const Arguments& arguments) {
  Resources out;
  for (const char* name : {"l3-cache-schema", "mem-bw-schema"})
    if (arguments.has(name))
      return refuse("read options", "Intel RDT is not supported", std::string("--") + name);
  Status done = take(arguments, "memory", out.memory_limit);
  if (done) done = take(arguments, "kernel-memory", out.kernel_memory);
  if (done) done = take(arguments, "kernel-memory-tcp", out.kernel_tcp_memory);
  if (done) done = take(arguments, "memory-reservation", out.memory_reservation);
  if (done) done = take(arguments, "memory-swap", out.memory_swap);
  if (done) done = take(arguments, "cpu-period", out.cpu_period);
  if (done) done = take(arguments, "cpu-quota", out.cpu_quota);
  if (done) done = take(arguments, "cpu-burst", out.cpu_burst);
  if (done) done = take(arguments, "cpu-share", out.cpu_shares);
  if (done) done = take(arguments, "cpu-idle", out.cpu_idle);
  if (done) done = take(arguments, "cpu-rt-period", out.cpu_rt_period);
  if (done) done = take(arguments, "cpu-rt-runtime", out.cpu_rt_runtime);
  if (done) done = take(arguments, "pids-limit", out.pids_limit);
  if (done) done = take(arguments, "blkio-weight", out.block_io.weight);
  if (!done) return std::unexpected(done.error());
  out.cpus = arguments.value("cpuset-cpus");
  out.mems = arguments.value("cpuset-mems");
  return out;
}

} // namespace

Result<int> update_command(const Call& call) {
  const auto arguments = call.read(FLAGS, 1, 1);
  if (!arguments) return std::unexpected(arguments.error());
  const auto record = call.store.load(arguments->rest[0]);
  if (!record) return std::unexpected(record.error());
  const std::string status = status_of(call.store, *record);
  if (status == "stopped") return refuse("update", "the container is stopped", record->id);
  Result<Resources> resources = from_flags(*arguments);
  if (arguments->has("resources")) {
    const std::string file = arguments->value("resources");
    const auto text = file == "-" ? read_stdin() : read_file(file, 1U << 20U);
    if (!text) return std::unexpected(text.error());
    resources = parse_resources(*text);
  }
  if (!resources) return std::unexpected(resources.error());
  if (Status done = update_limits(*record, *resources); !done) return std::unexpected(done.error());
  return 0;
}

} // namespace fairlead
