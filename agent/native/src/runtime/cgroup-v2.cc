// Limits in the files of cgroup v2 (Documentation/admin-guide/cgroup-v2), and those that both
// versions write alike.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "base/file.hh"
#include "runtime/cgroup-limits.hh"

namespace fairlead {

namespace {

std::string or_max(int64_t value) { return value < 0 ? "max" : std::to_string(value); }

Status limit_memory(const CgroupFolder& folder, const Resources& resources) {
  if (resources.disable_oom_killer.value_or(false))
    return refuse("limit memory", "the OOM killer cannot be disabled on cgroup v2", folder.path);
  if (resources.swappiness)
    return refuse("limit memory", "swappiness cannot be set on cgroup v2", folder.path);
  if (resources.kernel_tcp_memory)
    return refuse("limit memory", "kernelTCP cannot be set on cgroup v2", folder.path);
  if (resources.memory_swap) {
    // The specification counts memory and swap together, v2 swap alone.
    const int64_t total = *resources.memory_swap;
    const int64_t memory = resources.memory_limit.value_or(0);
    if (total > 0 && memory <= 0)
      return refuse("limit memory", "a swap limit needs a memory limit", folder.path);
    if (total > 0 && total < memory)
      return refuse("limit memory", "the swap limit is below the memory limit", folder.path);
    const bool unlimited = total <= 0;
    if (!unlimited || folder.has("memory.swap.max")) {
      if (Status done = folder.set("memory.swap.max", unlimited ? or_max(total == 0 ? -1 : total)
                                                                : std::to_string(total - memory));
          !done)
        return done;
    }
  }
  if (resources.memory_limit && *resources.memory_limit != 0) {
    if (resources.check_before_update && *resources.memory_limit > 0) {
      const auto current = read_file(folder.path + "/memory.current", 64);
      if (current && std::strtoll(current->c_str(), nullptr, 10) > *resources.memory_limit)
        return refuse("limit memory", "the limit is below what is in use", folder.path);
    }
    if (Status done = folder.set("memory.max", or_max(*resources.memory_limit)); !done) return done;
  }
  if (resources.memory_reservation && *resources.memory_reservation != 0)
    return folder.set("memory.low", or_max(*resources.memory_reservation));
  return {};
}

Status limit_cpu(const CgroupFolder& folder, const Resources& resources) {
  if (resources.cpu_rt_runtime || resources.cpu_rt_period)
    return refuse("limit cpu", "realtime limits do not exist on cgroup v2", folder.path);
  if (resources.cpu_idle) {
    if (Status done = folder.set("cpu.idle", std::to_string(*resources.cpu_idle)); !done)
      return done;
  }
  if (resources.cpu_shares && *resources.cpu_shares != 0) {
    if (Status done = folder.set("cpu.weight", cpu_weight(*resources.cpu_shares)); !done)
      return done;
  }
  if (resources.cpu_quota || resources.cpu_period) {
    std::string line = !resources.cpu_quota || *resources.cpu_quota <= 0
                           ? "max"
                           : std::to_string(*resources.cpu_quota);
    if (!resources.cpu_quota) { // a period alone keeps the quota
      const auto current = read_file(folder.path + "/cpu.max", 64);
      if (current) line = current->substr(0, current->find(' '));
    }
    if (resources.cpu_period && *resources.cpu_period != 0)
      line += " " + std::to_string(*resources.cpu_period);
    if (Status done = folder.set("cpu.max", line); !done) return done;
  }
  return resources.cpu_burst ? folder.set("cpu.max.burst", *resources.cpu_burst) : Status{};
}

Status limit_io(const CgroupFolder& folder, const Resources& resources) {
  const BlockIo& io = resources.block_io;
  const auto name = [](const BlockDevice& device) {
    return std::to_string(device.major) + ":" + std::to_string(device.minor) + " ";
  };
  if (io.leaf_weight) return refuse("limit io", "leafWeight does not exist on cgroup v2");
  const bool bfq = folder.has("io.bfq.weight");
  const std::string file = bfq ? "io.bfq.weight" : "io.weight";
  const auto weight = [&](uint64_t value) { // BFQ takes it as it is
    return std::to_string(bfq ? value : io_weight(value));
  };
  if (io.weight && *io.weight != 0) {
    if (Status done = folder.set(file, weight(*io.weight)); !done) return done;
  }
  for (const WeightDevice& entry : io.weight_devices) {
    if (!entry.weight) continue;
    if (Status done = folder.set(file, name(entry.device) + weight(*entry.weight)); !done)
      return done;
  }
  const std::pair<const char*, const std::vector<ThrottleDevice>*> kinds[] = {
      {"rbps=", &io.read_bps},
      {"wbps=", &io.write_bps},
      {"riops=", &io.read_iops},
      {"wiops=", &io.write_iops}};
  for (const auto& [key, throttles] : kinds) {
    for (const ThrottleDevice& throttle : *throttles) {
      const std::string rate = throttle.rate == 0 ? "max" : std::to_string(throttle.rate);
      if (Status done = folder.set("io.max", name(throttle.device) + key + rate); !done)
        return done;
    }
  }
  return {};
}

} // namespace

uint64_t cpu_weight(uint64_t shares) {
  return 1 + (std::clamp<uint64_t>(shares, 2, 262144) - 2) * 9999 / 262142;
}

uint64_t io_weight(uint64_t weight) {
  return weight < 10 ? weight : 1 + (weight - 10) * 9999 / 990;
}

Status CgroupFolder::set(const std::string& file, const std::string& value) const {
  return write_file(path + "/" + file, value);
}

Status CgroupFolder::set(const std::string& file, uint64_t value) const {
  return write_file(path + "/" + file, std::to_string(value));
}

bool CgroupFolder::has(const std::string& file) const {
  return access((path + "/" + file).c_str(), F_OK) == 0;
}

Status limit_v2(const CgroupFolder& folder, const std::string& controller,
                const Resources& resources) {
  if (controller == "memory") return limit_memory(folder, resources);
  if (controller == "cpu") return limit_cpu(folder, resources);
  if (controller == "io") return limit_io(folder, resources);
  if (controller == "pids") return limit_pids(folder, resources);
  if (controller == "hugetlb") return limit_hugepages(folder, resources, true);
  if (controller == "rdma") return limit_rdma(folder, resources);
  if (controller == "cpuset") {
    if (!resources.cpus.empty()) {
      if (Status done = folder.set("cpuset.cpus", resources.cpus); !done) return done;
    }
    return resources.mems.empty() ? Status{} : folder.set("cpuset.mems", resources.mems);
  }
  return {};
}

Status limit_pids(const CgroupFolder& folder, const Resources& resources) {
  if (!resources.pids_limit) return {};
  const int64_t limit = *resources.pids_limit;
  return folder.set("pids.max", limit <= 0 ? "max" : std::to_string(limit));
}

Status limit_hugepages(const CgroupFolder& folder, const Resources& resources, bool unified) {
  for (const auto& [size, limit] : resources.hugepage_limits) {
    const std::string prefix = "hugetlb." + size;
    const std::string end = unified ? ".max" : ".limit_in_bytes";
    if (Status done = folder.set(prefix + end, limit); !done) return done;
    if (!folder.has(prefix + ".rsvd" + end)) continue; // Linux 5.7
    if (Status done = folder.set(prefix + ".rsvd" + end, limit); !done) return done;
  }
  return {};
}

Status limit_rdma(const CgroupFolder& folder, const Resources& resources) {
  for (const Resources::Rdma& entry : resources.rdma) {
    std::string line = entry.device;
    if (entry.hca_handles) line += " hca_handle=" + std::to_string(*entry.hca_handles);
    if (entry.hca_objects) line += " hca_object=" + std::to_string(*entry.hca_objects);
    if (Status done = folder.set("rdma.max", line); !done) return done;
  }
  return {};
}

bool needs_controller(const Resources& r, const std::string& controller) {
  if (controller == "memory")
    return r.memory_limit || r.memory_reservation || r.memory_swap || r.swappiness ||
           r.kernel_tcp_memory || r.disable_oom_killer.value_or(false);
  if (controller == "cpu")
    return r.cpu_shares || r.cpu_quota || r.cpu_period || r.cpu_burst || r.cpu_idle ||
           r.cpu_rt_period || r.cpu_rt_runtime;
  if (controller == "cpuset") return !r.cpus.empty() || !r.mems.empty();
  if (controller == "pids") return r.pids_limit && *r.pids_limit > 0;
  if (controller == "hugetlb") return !r.hugepage_limits.empty();
  if (controller == "rdma") return !r.rdma.empty();
  if (controller == "net_cls") return r.net_class.has_value();
  if (controller == "net_prio") return !r.net_priorities.empty();
  const BlockIo& io = r.block_io;
  return io.weight || !io.weight_devices.empty() || !io.read_bps.empty() || !io.write_bps.empty() ||
         !io.read_iops.empty() || !io.write_iops.empty();
}

} // namespace fairlead
