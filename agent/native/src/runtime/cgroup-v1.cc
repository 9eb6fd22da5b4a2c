// Limits in the files of cgroup v1 (Documentation/admin-guide/cgroup-v1).
#include <unistd.h>

#include "runtime/cgroup-limits.hh"

namespace fairlead {

namespace {

Status limit_memory(const CgroupFolder& folder, const Resources& resources) {
  const char* limit_file = "memory.limit_in_bytes";
  const char* total_file = "memory.memsw.limit_in_bytes";
  const auto limit = resources.memory_limit;
  // An unlimited memory with a limited total is refused by the kernel.
  const auto total = resources.memory_swap                   ? resources.memory_swap
                     : limit == -1 && folder.has(total_file) ? limit
                                                             : std::nullopt;
  const auto set_total = [&]() -> Status {
    if (!total) return {};
    if (*total == -1 && !folder.has(total_file)) return {}; // no swap accounting: nothing limits
    return folder.set(total_file, std::to_string(*total));
  };
  if (limit) {
    // The memory limit must never exceed the total; which one goes first depends on the old ones.
    if (!folder.set(limit_file, std::to_string(*limit))) {
      if (Status done = set_total(); !done) return folder.set(limit_file, std::to_string(*limit));
      if (Status done = folder.set(limit_file, std::to_string(*limit)); !done) return done;
      return {};
    }
  }
  return set_total();
}

Status limit_memory_rest(const CgroupFolder& folder, const Resources& resources) {
  if (resources.memory_reservation) {
    if (Status done =
            folder.set("memory.soft_limit_in_bytes", std::to_string(*resources.memory_reservation));
        !done)
      return done;
  }
  if (resources.kernel_memory && folder.has("memory.kmem.limit_in_bytes")) {
    // Gone from Linux 5.16 on, where runc and crun leave it out as well.
    if (Status done =
            folder.set("memory.kmem.limit_in_bytes", std::to_string(*resources.kernel_memory));
        !done)
      return done;
  }
  if (resources.kernel_tcp_memory) {
    if (Status done = folder.set("memory.kmem.tcp.limit_in_bytes",
                                 std::to_string(*resources.kernel_tcp_memory));
        !done)
      return done;
  }
  if (resources.swappiness) {
    if (Status done = folder.set("memory.swappiness", *resources.swappiness); !done) return done;
  }
  if (resources.disable_oom_killer) {
    if (Status done = folder.set("memory.oom_control", *resources.disable_oom_killer ? 1 : 0);
        !done)
      return done;
  }
  if (resources.use_hierarchy && *resources.use_hierarchy && folder.has("memory.use_hierarchy"))
    return folder.set("memory.use_hierarchy", 1);
  return {};
}

Status limit_quota(const CgroupFolder& folder, const Resources& resources) {
  const auto period = [&]() -> Status {
    return resources.cpu_period ? folder.set("cpu.cfs_period_us", *resources.cpu_period) : Status{};
  };
  // A shorter period may only be possible after the quota has shrunk.
  const bool period_first = period().has_value();
  if (resources.cpu_quota) {
    if (Status done = folder.set("cpu.cfs_quota_us", std::to_string(*resources.cpu_quota)); !done)
      return done;
  }
  if (!period_first) {
    if (Status done = period(); !done) return done;
  }
  return resources.cpu_burst ? folder.set("cpu.cfs_burst_us", *resources.cpu_burst) : Status{};
}

Status limit_cpu(const CgroupFolder& folder, const Resources& resources) {
  if (resources.cpu_shares && *resources.cpu_shares != 0) {
    if (Status done = folder.set("cpu.shares", *resources.cpu_shares); !done) return done;
  }
  if (Status done = limit_quota(folder, resources); !done) return done;
  if (resources.cpu_rt_period) {
    if (Status done = folder.set("cpu.rt_period_us", *resources.cpu_rt_period); !done) return done;
  }
  if (resources.cpu_rt_runtime) {
    if (Status done = folder.set("cpu.rt_runtime_us", std::to_string(*resources.cpu_rt_runtime));
        !done)
      return done;
  }
  return resources.cpu_idle ? folder.set("cpu.idle", std::to_string(*resources.cpu_idle))
                            : Status{};
}

Status limit_cpuset(const CgroupFolder& folder, const Resources& resources) {
  if (!resources.mems.empty()) {
    if (Status done = folder.set("cpuset.mems", resources.mems); !done) return done;
  }
  return resources.cpus.empty() ? Status{} : folder.set("cpuset.cpus", resources.cpus);
}

std::string number_of(const BlockDevice& device) {
  return std::to_string(device.major) + ":" + std::to_string(device.minor);
}

Status limit_throttles(const CgroupFolder& folder, const char* file,
                       const std::vector<ThrottleDevice>& throttles) {
  for (const ThrottleDevice& throttle : throttles) {
    const std::string line = number_of(throttle.device) + " " + std::to_string(throttle.rate);
    if (Status done = folder.set(file, line); !done) return done;
  }
  return {};
}

Status limit_blkio(const CgroupFolder& folder, const Resources& resources) {
  const BlockIo& io = resources.block_io;
  // Weights belong to the BFQ scheduler since CFQ was removed in Linux 5.0.
  const std::string prefix = folder.has("blkio.bfq.weight") ? "blkio.bfq." : "blkio.";
  if (io.weight && *io.weight != 0) {
    if (Status done = folder.set(prefix + "weight", *io.weight); !done) return done;
  }
  if (io.leaf_weight && *io.leaf_weight != 0) {
    if (Status done = folder.set("blkio.leaf_weight", *io.leaf_weight); !done) return done;
  }
  for (const WeightDevice& entry : io.weight_devices) {
    const std::string device = number_of(entry.device) + " ";
    if (entry.weight) {
      if (Status done =
              folder.set(prefix + "weight_device", device + std::to_string(*entry.weight));
          !done)
        return done;
    }
    if (entry.leaf_weight) {
      if (Status done =
              folder.set("blkio.leaf_weight_device", device + std::to_string(*entry.leaf_weight));
          !done)
        return done;
    }
  }
  const std::pair<const char*, const std::vector<ThrottleDevice>*> kinds[] = {
      {"blkio.throttle.read_bps_device", &io.read_bps},
      {"blkio.throttle.write_bps_device", &io.write_bps},
      {"blkio.throttle.read_iops_device", &io.read_iops},
      {"blkio.throttle.write_iops_device", &io.write_iops}};
  for (const auto& [file, throttles] : kinds)
    if (Status done = limit_throttles(folder, file, *throttles); !done) return done;
  return {};
}

Status limit_net_prio(const CgroupFolder& folder, const Resources& resources) {
  for (const auto& [name, priority] : resources.net_priorities)
    if (Status done = folder.set("net_prio.ifpriomap", name + " " + std::to_string(priority));
        !done)
      return done;
  return {};
}

} // namespace

Status limit_v1(const CgroupFolder& folder, const std::string& controller,
                const Resources& resources) {
  if (controller == "memory") {
    if (Status done = limit_memory(folder, resources); !done) return done;
    return limit_memory_rest(folder, resources);
  }
  if (controller == "cpu") return limit_cpu(folder, resources);
  if (controller == "cpuset") return limit_cpuset(folder, resources);
  if (controller == "pids") return limit_pids(folder, resources);
  if (controller == "blkio" && needs_controller(resources, controller))
    return limit_blkio(folder, resources);
  if (controller == "hugetlb") return limit_hugepages(folder, resources, false);
  if (controller == "rdma") return limit_rdma(folder, resources);
  if (controller == "net_prio") return limit_net_prio(folder, resources);
  if (controller == "net_cls" && resources.net_class)
    return folder.set("net_cls.classid", *resources.net_class);
  return {};
}

} // namespace fairlead
