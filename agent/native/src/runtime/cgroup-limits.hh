// What a limit means in the files of one hierarchy. One function per controller and version.
#pragma once
#include <string>

#include "base/error.hh"
#include "runtime/spec.hh"

namespace fairlead {

// One directory of a cgroup: writing of its files.
struct CgroupFolder {
  std::string path;

  Status set(const std::string& file, const std::string& value) const;
  Status set(const std::string& file, uint64_t value) const;
  bool has(const std::string& file) const;
};

Status limit_v1(const CgroupFolder& folder, const std::string& controller,
                const Resources& resources);
Status limit_v2(const CgroupFolder& folder, const std::string& controller,
                const Resources& resources);
Status limit_hugepages(const CgroupFolder& folder, const Resources& resources, bool unified);
Status limit_rdma(const CgroupFolder& folder, const Resources& resources);
Status limit_pids(const CgroupFolder& folder, const Resources& resources);

// The numbers of v1 as those of v2, the conversions of runtime-spec's cgroup v2 notes: shares of
// 2…262144 and block I/O weights of 10…1000, each to 1…10000.
uint64_t cpu_weight(uint64_t shares);
uint64_t io_weight(uint64_t weight);

// The rules of the device cgroup: in the given order, then what every container may use.
std::vector<DeviceRule> device_rules(const Resources& resources);
Status limit_devices_v1(const CgroupFolder& folder, const std::vector<DeviceRule>& rules);
// Attaches an eBPF program to a v2 directory; one attached before is replaced.
Status limit_devices_v2(const CgroupFolder& folder, const std::vector<DeviceRule>& rules);

// The name of a controller that these resources need, for "the host lacks it"; "" when none.
bool needs_controller(const Resources& resources, const std::string& controller);

} // namespace fairlead
