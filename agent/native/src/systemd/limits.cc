// Translation of limits, see limits.hh.
#include "systemd/limits.hh"

#include <algorithm>
#include <charconv>

#include "runtime/cgroup-limits.hh"
#include "runtime/cgroup.hh"

namespace fairlead::systemd {

namespace {

constexpr uint64_t INFINITY = UINT64_MAX;
constexpr uint64_t DEFAULT_PERIOD = 100'000;

enum class Tree { none, v1, v2 };

Tree tree_of(const std::string& controller) {
  for (const Hierarchy& hierarchy : cgroup_hierarchies()) {
    const std::string name = hierarchy.unified && controller == "blkio" ? "io" : controller;
    if (std::ranges::find(hierarchy.controllers, name) != hierarchy.controllers.end())
      return hierarchy.unified ? Tree::v2 : Tree::v1;
  }
  return Tree::none;
}

uint64_t or_infinity(int64_t value) { return value < 0 ? INFINITY : static_cast<uint64_t>(value); }

void add_memory(const Resources& resources, Properties& out) {
  const Tree tree = tree_of("memory");
  if (tree == Tree::v1 && resources.memory_limit)
    out.push_back({"MemoryLimit", or_infinity(*resources.memory_limit)});
  if (tree != Tree::v2) return;
  if (resources.memory_limit) out.push_back({"MemoryMax", or_infinity(*resources.memory_limit)});
  if (resources.memory_reservation)
    out.push_back({"MemoryLow", or_infinity(*resources.memory_reservation)});
  if (!resources.memory_swap) return;
  // The specification counts memory and swap together, v2 swap alone.
  const int64_t total = *resources.memory_swap, memory = resources.memory_limit.value_or(0);
  if (total < 0) out.push_back({"MemorySwapMax", INFINITY});
  else if (memory > 0 && total >= memory)
    out.push_back({"MemorySwapMax", static_cast<uint64_t>(total - memory)});
}

// systemd keeps whole percents, so a quota is rounded up to one; the file gets it exactly.
uint64_t per_second(uint64_t quota, uint64_t period) {
  const uint64_t percent = 10'000;
  const uint64_t exact = quota > INFINITY / 2'000'000 ? INFINITY / 2 : quota * 1'000'000 / period;
  return (exact + percent - 1) / percent * percent;
}

void add_quota(int64_t quota, uint64_t period, unsigned version, Properties& out) {
  if (period == 0) period = DEFAULT_PERIOD;
  if (version >= 242) out.push_back({"CPUQuotaPeriodUSec", period});
  out.push_back({"CPUQuotaPerSecUSec",
                 quota <= 0 ? INFINITY : per_second(static_cast<uint64_t>(quota), period)});
}

void add_cpu(const Resources& resources, unsigned version, Properties& out) {
  const Tree tree = tree_of("cpu");
  if (tree == Tree::none) return;
  if (resources.cpu_shares) {
    const uint64_t shares = std::max<uint64_t>(*resources.cpu_shares, 2);
    if (tree == Tree::v1) out.push_back({"CPUShares", shares});
    else out.push_back({"CPUWeight", cpu_weight(shares)});
  }
  if (resources.cpu_quota)
    add_quota(*resources.cpu_quota, resources.cpu_period.value_or(0), version, out);
}

// "0-2,5" as a mask of bits, the lowest processor first.
Result<Bytes> mask_of(const std::string& list) {
  Bytes out;
  const char *at = list.data(), *const end = list.data() + list.size();
  while (at < end) {
    unsigned first = 0;
    auto got = std::from_chars(at, end, first);
    unsigned last = first;
    if (got.ec == std::errc{} && got.ptr < end && *got.ptr == '-')
      got = std::from_chars(got.ptr + 1, end, last);
    if (got.ec != std::errc{} || last < first || last > 8191)
      return refuse("limit cpuset", "is not a list such as 0-2,5", list);
    if (out.size() <= last / 8) out.resize(last / 8 + 1);
    for (unsigned bit = first; bit <= last; ++bit)
      out[bit / 8] = static_cast<uint8_t>(out[bit / 8] | (1U << (bit % 8)));
    at = got.ptr;
    while (at < end && (*at == ',' || *at == ' ' || *at == '\n')) ++at;
    if (at == got.ptr && at < end)
      return refuse("limit cpuset", "is not a list such as 0-2,5", list);
  }
  return out;
}

Status add_cpuset(const std::string& cpus, const std::string& mems, unsigned version,
                  Properties& out) {
  if (version < 244 || tree_of("cpuset") != Tree::v2) return {};
  for (const auto& [name, list] : {std::pair{"AllowedCPUs", cpus}, {"AllowedMemoryNodes", mems}}) {
    if (list.empty()) continue;
    auto mask = mask_of(list);
    if (!mask) return std::unexpected(mask.error());
    out.push_back({name, std::move(*mask)});
  }
  return {};
}

void add_io(const Resources& resources, Properties& out) {
  const auto weight = resources.block_io.weight;
  if (!weight || *weight == 0) return;
  const Tree tree = tree_of("blkio");
  if (tree == Tree::v1) out.push_back({"BlockIOWeight", uint64_t{*weight}});
  if (tree == Tree::v2) out.push_back({"IOWeight", io_weight(*weight)});
}

// "max" or a number; false for what the kernel would refuse as well.
bool read_limit(std::string_view text, uint64_t& out) {
  if (text == "max") out = INFINITY;
  if (text == "max") return true;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

// The files of linux.resources.unified that systemd has a property for.
Status add_unified(const Resources& resources, unsigned version, Properties& out) {
  constexpr std::pair<std::string_view, const char*> NAMES[] = {
      {"memory.max", "MemoryMax"}, {"memory.high", "MemoryHigh"},
      {"memory.low", "MemoryLow"}, {"memory.min", "MemoryMin"},
      {"pids.max", "TasksMax"},    {"memory.swap.max", "MemorySwapMax"},
      {"cpu.weight", "CPUWeight"}};
  for (const auto& [file, value] : resources.unified) {
    for (const auto& [known, property] : NAMES) {
      uint64_t limit = 0;
      if (file != known) continue;
      if (!read_limit(value, limit)) return refuse("limit " + file, "is not a number", value);
      out.push_back({property, limit});
    }
    if (file == "cpu.max") {
      const size_t blank = value.find(' ');
      uint64_t quota = 0, period = DEFAULT_PERIOD;
      const bool read =
          read_limit(std::string_view(value).substr(0, blank), quota) &&
          (blank == value.npos || read_limit(std::string_view(value).substr(blank + 1), period));
      if (!read || (quota != INFINITY && quota > INT64_MAX))
        return refuse("limit " + file, "is not a quota and a period", value);
      add_quota(quota == INFINITY ? -1 : static_cast<int64_t>(quota), period, version, out);
    }
    const bool cpus = file == "cpuset.cpus";
    if (!cpus && file != "cpuset.mems") continue;
    if (Status done = add_cpuset(cpus ? value : "", cpus ? "" : value, version, out); !done)
      return done;
  }
  return {};
}

} // namespace

Result<Properties> limits_of(const Resources& resources, unsigned version) {
  Properties out;
  add_memory(resources, out);
  add_cpu(resources, version, out);
  if (resources.pids_limit && tree_of("pids") != Tree::none) {
    const int64_t limit = *resources.pids_limit;
    out.push_back({"TasksMax", limit <= 0 ? INFINITY : static_cast<uint64_t>(limit)});
  }
  add_io(resources, out);
  Status done = add_cpuset(resources.cpus, resources.mems, version, out);
  if (done) done = add_unified(resources, version, out);
  const std::vector<DeviceRule> rules = device_rules(resources);
  if (done && !rules.empty()) done = add_devices(rules, tree_of("devices") == Tree::v1, out);
  if (!done) return std::unexpected(done.error());
  return out;
}

} // namespace fairlead::systemd
