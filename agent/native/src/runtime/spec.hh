// An OCI runtime configuration as values: what config.json says, checked, with names turned into
// numbers. Nothing here acts on the system.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hh"

namespace fairlead {

struct Rlimit {
  int type;
  uint64_t soft, hard;
};

// Bit N stands for capability N.
struct Capabilities {
  uint64_t bounding = 0, effective = 0, inheritable = 0, permitted = 0, ambient = 0;
};

struct Scheduler {
  int policy = 0;
  int32_t nice = 0, priority = 0;
  uint64_t flags = 0, runtime = 0, deadline = 0, period = 0;
};

struct IoPriority {
  int io_class = 0, priority = 0;
};

struct ProcessSpec {
  bool terminal = false;
  uint16_t rows = 0, cols = 0;
  uid_t uid = 0;
  gid_t gid = 0;
  std::optional<mode_t> umask;
  std::vector<gid_t> groups;
  std::vector<std::string> args, env;
  std::string cwd = "/";
  std::optional<Capabilities> capabilities; // absent: no capabilities at all
  std::vector<Rlimit> rlimits;
  bool no_new_privileges = false;
  std::string apparmor_profile, selinux_label;
  std::optional<int> oom_score_adj;
  std::optional<Scheduler> scheduler;
  std::optional<IoPriority> io_priority;
  std::vector<bool> affinity_initial, affinity_final; // execCPUAffinity, by processor; empty: any
};

struct IdMap {
  uint32_t inside, outside, size;
};

struct Mount {
  std::string destination, type, source, data; // data: options of the file system itself
  bool bind = false, recursive = false, copy_up = false, id_mapped = false;
  bool id_map_recursive = false;
  unsigned long flags = 0;                         // MS_* of mount(2), as asked for
  unsigned long cleared = 0;                       // MS_* that an option switched off
  uint64_t recursive_set = 0, recursive_clear = 0; // MOUNT_ATTR_* for the whole subtree
  unsigned long propagation = 0;                   // MS_PRIVATE… with or without MS_REC; 0 as it is
  std::vector<IdMap> uid_maps, gid_maps;
};

struct Device {
  std::string path;
  char type = 'c'; // c, b, p (u is c)
  uint32_t major = 0, minor = 0;
  mode_t mode = 0666;
  uid_t uid = 0;
  gid_t gid = 0;
};

struct DeviceRule {
  bool allow = false;
  char type = 'a';                // a, c, b
  int64_t major = -1, minor = -1; // -1: every number
  bool read = false, write = false, mknod = false;
};

struct BlockDevice {
  uint32_t major = 0, minor = 0;
};
struct WeightDevice {
  BlockDevice device;
  std::optional<uint16_t> weight, leaf_weight;
};
struct ThrottleDevice {
  BlockDevice device;
  uint64_t rate = 0;
};
struct BlockIo {
  std::optional<uint16_t> weight, leaf_weight;
  std::vector<WeightDevice> weight_devices;
  std::vector<ThrottleDevice> read_bps, write_bps, read_iops, write_iops;
};

// linux.resources. An absent value leaves the kernel's setting as it is. -1 means no limit.
struct Resources {
  std::vector<DeviceRule> devices;
  std::optional<int64_t> memory_limit, memory_reservation, memory_swap, kernel_memory;
  std::optional<int64_t> kernel_tcp_memory;
  std::optional<uint64_t> swappiness;
  std::optional<bool> disable_oom_killer, use_hierarchy;
  bool check_before_update = false;
  std::optional<uint64_t> cpu_shares, cpu_period, cpu_rt_period, cpu_burst;
  std::optional<int64_t> cpu_quota, cpu_rt_runtime, cpu_idle;
  std::string cpus, mems;
  std::optional<int64_t> pids_limit;
  BlockIo block_io;
  std::vector<std::pair<std::string, uint64_t>> hugepage_limits; // page size ("2MB"), bytes
  std::optional<uint32_t> net_class;
  std::vector<std::pair<std::string, uint32_t>> net_priorities; // interface, priority
  struct Rdma {
    std::string device;
    std::optional<uint32_t> hca_handles, hca_objects;
  };
  std::vector<Rdma> rdma;
  std::vector<std::pair<std::string, std::string>> unified; // raw cgroup v2 files
};

struct SeccompArg {
  unsigned index = 0;
  uint64_t value = 0, value_two = 0;
  int op = 0; // scmp_compare of libseccomp
};
struct SeccompRule {
  std::vector<std::string> names;
  uint32_t action = 0;
  std::vector<SeccompArg> args;
};
struct Seccomp {
  uint32_t default_action = 0;
  std::vector<uint32_t> architectures; // SCMP_ARCH_*
  unsigned long flags = 0;             // SECCOMP_FILTER_FLAG_*
  bool notify = false;                 // an action hands calls to a listener
  std::string listener_path, listener_metadata;
  std::vector<SeccompRule> rules;
  std::string source; // canonical JSON text, the key of the filter cache
};

struct Hook {
  std::string path;
  std::vector<std::string> args;
  std::optional<std::vector<std::string>> env;
  int timeout_s = 0; // 0: no limit of its own
};
struct Hooks {
  std::vector<Hook> prestart, create_runtime, create_container, start_container, poststart,
      poststop;
};

struct Namespace {
  int type = 0;     // CLONE_NEW*
  std::string path; // empty: a new one
};

struct TimeOffset {
  std::string clock;
  int64_t seconds = 0;
  uint32_t nanoseconds = 0;
};

struct NetDevice {
  std::string host, inside;
};

struct MemoryPolicy {
  static constexpr unsigned long MOST_NODES = 1024;
  int mode = 0;            // MPOL_* with its MPOL_F_*
  std::vector<bool> nodes; // by number
};

struct Spec {
  std::string oci_version;
  std::string root;
  bool root_readonly = false;
  std::string hostname, domainname;
  std::optional<ProcessSpec> process;
  std::vector<Mount> mounts;
  Hooks hooks;
  std::vector<std::pair<std::string, std::string>> annotations;
  // linux.*
  std::vector<Namespace> namespaces;
  std::vector<IdMap> uid_maps, gid_maps;
  std::vector<TimeOffset> time_offsets;
  std::vector<Device> devices;
  std::vector<NetDevice> net_devices;
  std::string cgroups_path;
  Resources resources;
  std::vector<std::pair<std::string, std::string>> sysctl;
  std::optional<Seccomp> seccomp;
  unsigned long rootfs_propagation = 0;
  std::vector<std::string> masked_paths, readonly_paths;
  std::string mount_label;
  std::optional<unsigned long> personality;
  std::optional<MemoryPolicy> memory_policy;
  std::vector<std::string> warnings; // what was left out, and why; for stderr or the log
};

// Reads a config.json (at most 16 MiB) and checks it. A relative root.path stays relative.
Result<Spec> parse_spec(const std::string& path);
// The same for JSON text at hand: a whole configuration, linux.resources, or process.
Result<Spec> parse_spec_text(const std::string& text);
Result<Resources> parse_resources(const std::string& json);
Result<ProcessSpec> parse_process(const std::string& json);

} // namespace fairlead
