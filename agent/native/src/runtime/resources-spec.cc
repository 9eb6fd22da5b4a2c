// Reads linux.resources.
#include "runtime/parse.hh"

namespace fairlead {

namespace {

void read_device_rules(const JsonObject& resources, Resources& out) {
  resources.each("devices", [&](const JsonObject& entry) {
    DeviceRule rule;
    std::string type = "a", access = "rwm";
    entry.flag("allow", rule.allow);
    entry.text("type", type);
    entry.text("access", access);
    entry.number("major", rule.major);
    entry.number("minor", rule.minor);
    if (type.empty()) type = "a";
    if (type != "a" && type != "b" && type != "c") entry.reject("type", "must be a, b or c");
    rule.type = type[0];
    if (rule.major < -1 || rule.minor < -1) entry.reject("major", "must be -1 or more");
    for (const char c : access)
      if (c == 'r') rule.read = true;
      else if (c == 'w') rule.write = true;
      else if (c == 'm') rule.mknod = true;
      else entry.reject("access", "must be made of r, w and m");
    out.devices.push_back(rule);
  });
}

// Engines send every limit with each update, and 0 for those that nobody set.
template <typename... T> void forget_zeros(std::optional<T>&... limits) {
  ((limits = limits == T{} ? std::nullopt : limits), ...);
}

void read_memory(const JsonObject& memory, Resources& out) {
  memory.number("limit", out.memory_limit);
  memory.number("reservation", out.memory_reservation);
  memory.number("swap", out.memory_swap);
  memory.number("kernel", out.kernel_memory);
  memory.number("kernelTCP", out.kernel_tcp_memory);
  forget_zeros(out.memory_limit, out.memory_reservation, out.memory_swap, out.kernel_memory,
               out.kernel_tcp_memory);
  memory.number("swappiness", out.swappiness);
  memory.flag("disableOOMKiller", out.disable_oom_killer);
  memory.flag("useHierarchy", out.use_hierarchy);
  memory.flag("checkBeforeUpdate", out.check_before_update);
}

void read_cpu(const JsonObject& cpu, Resources& out) {
  cpu.number("shares", out.cpu_shares);
  cpu.number("quota", out.cpu_quota);
  cpu.number("burst", out.cpu_burst);
  cpu.number("period", out.cpu_period);
  cpu.number("realtimeRuntime", out.cpu_rt_runtime);
  cpu.number("realtimePeriod", out.cpu_rt_period);
  forget_zeros(out.cpu_shares, out.cpu_quota, out.cpu_period, out.cpu_rt_runtime,
               out.cpu_rt_period);
  cpu.text("cpus", out.cpus);
  cpu.text("mems", out.mems);
  cpu.number("idle", out.cpu_idle);
}

BlockDevice read_block_device(const JsonObject& entry) {
  BlockDevice device;
  entry.number("major", device.major);
  entry.number("minor", device.minor);
  return device;
}

void read_throttles(const JsonObject& io, const char* key, std::vector<ThrottleDevice>& out) {
  io.each(key, [&](const JsonObject& entry) {
    ThrottleDevice throttle{read_block_device(entry), 0};
    entry.number("rate", throttle.rate);
    out.push_back(throttle);
  });
}

void read_block_io(const JsonObject& io, BlockIo& out) {
  io.number("weight", out.weight);
  io.number("leafWeight", out.leaf_weight);
  io.each("weightDevice", [&](const JsonObject& entry) {
    WeightDevice weighted{read_block_device(entry), {}, {}};
    entry.number("weight", weighted.weight);
    entry.number("leafWeight", weighted.leaf_weight);
    out.weight_devices.push_back(weighted);
  });
  read_throttles(io, "throttleReadBpsDevice", out.read_bps);
  read_throttles(io, "throttleWriteBpsDevice", out.write_bps);
  read_throttles(io, "throttleReadIOPSDevice", out.read_iops);
  read_throttles(io, "throttleWriteIOPSDevice", out.write_iops);
}

// Names that become part of a file name below the cgroup must not lead elsewhere.
bool plain_name(const std::string& name) {
  return !name.empty() && name.find('/') == name.npos && name != "." && name != "..";
}

void read_rest(const JsonObject& resources, Resources& out) {
  resources.each("hugepageLimits", [&](const JsonObject& entry) {
    std::string size;
    uint64_t limit = 0;
    entry.text("pageSize", size);
    entry.number("limit", limit);
    if (!plain_name(size)) entry.reject("pageSize", "must be a size such as 2MB");
    out.hugepage_limits.emplace_back(size, limit);
  });
  const JsonObject network = resources.object("network");
  network.number("classID", out.net_class);
  network.each("priorities", [&](const JsonObject& entry) {
    std::string name;
    uint32_t priority = 0;
    entry.text("name", name);
    entry.number("priority", priority);
    out.net_priorities.emplace_back(name, priority);
  });
  resources.object("rdma").members([&](const std::string& device, const JsonObject& entry) {
    Resources::Rdma limit{device, {}, {}};
    entry.number("hcaHandles", limit.hca_handles);
    entry.number("hcaObjects", limit.hca_objects);
    out.rdma.push_back(limit);
  });
  resources.pairs("unified", out.unified);
  for (const auto& [file, value] : out.unified)
    if (!plain_name(file)) resources.reject("unified", "must name a file of the cgroup: " + file);
}

} // namespace

void read_resources(const JsonObject& resources, Resources& out) {
  read_device_rules(resources, out);
  read_memory(resources.object("memory"), out);
  read_cpu(resources.object("cpu"), out);
  resources.object("pids").number("limit", out.pids_limit);
  read_block_io(resources.object("blockIO"), out.block_io);
  read_rest(resources, out);
}

} // namespace fairlead
