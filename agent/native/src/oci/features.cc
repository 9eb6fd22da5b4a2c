// The command features: what this runtime can do, in the form of runtime-spec 1.3.
#include <seccomp.h>

#include <cstdio>

#include "base/json-text.hh"
#include "oci/command.hh"
#include "runtime/names.hh"

namespace fairlead {

namespace {

template <typename F> std::string names(F name_at) {
  std::string out;
  for (int i = 0; name_at(i) != nullptr; ++i) out += (out.empty() ? "" : ",") + quoted(name_at(i));
  return "[" + out + "]";
}

constexpr const char* FLAGS =
    "[\"SECCOMP_FILTER_FLAG_LOG\",\"SECCOMP_FILTER_FLAG_SPEC_ALLOW\","
    "\"SECCOMP_FILTER_FLAG_TSYNC\",\"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV\"]";

constexpr const char* SECCOMP =
    "{\"enabled\":true,\"actions\":[\"SCMP_ACT_ALLOW\",\"SCMP_ACT_ERRNO\",\"SCMP_ACT_KILL\","
    "\"SCMP_ACT_KILL_PROCESS\",\"SCMP_ACT_KILL_THREAD\",\"SCMP_ACT_LOG\",\"SCMP_ACT_NOTIFY\","
    "\"SCMP_ACT_TRACE\",\"SCMP_ACT_TRAP\"],\"operators\":[\"SCMP_CMP_EQ\",\"SCMP_CMP_GE\","
    "\"SCMP_CMP_GT\",\"SCMP_CMP_LE\",\"SCMP_CMP_LT\",\"SCMP_CMP_MASKED_EQ\",\"SCMP_CMP_NE\"],"
    "\"archs\":[\"SCMP_ARCH_AARCH64\",\"SCMP_ARCH_ARM\",\"SCMP_ARCH_X32\",\"SCMP_ARCH_X86\","
    "\"SCMP_ARCH_X86_64\"],\"knownFlags\":";

constexpr const char* MEMORY_POLICY =
    "{\"modes\":[\"MPOL_BIND\",\"MPOL_DEFAULT\",\"MPOL_INTERLEAVE\",\"MPOL_LOCAL\","
    "\"MPOL_PREFERRED\",\"MPOL_PREFERRED_MANY\",\"MPOL_WEIGHTED_INTERLEAVE\"],"
    "\"flags\":[\"MPOL_F_NUMA_BALANCING\",\"MPOL_F_RELATIVE_NODES\",\"MPOL_F_STATIC_NODES\"]}";

} // namespace

Result<int> features_command(const Call& call) {
  if (const auto arguments = call.read({}, 0, 0); !arguments)
    return std::unexpected(arguments.error());
  const std::string out =
      "{\"ociVersionMin\":\"1.0.0\",\"ociVersionMax\":\"1.3.0\",\"hooks\":[\"prestart\","
      "\"createRuntime\",\"createContainer\",\"startContainer\",\"poststart\",\"poststop\"],"
      "\"mountOptions\":" +
      names(mount_option_name) +
      ",\"linux\":{\"namespaces\":[\"cgroup\",\"ipc\",\"mount\",\"network\",\"pid\",\"time\","
      "\"user\",\"uts\"],\"capabilities\":" +
      names(capability_name) +
      ",\"cgroup\":{\"v1\":true,\"v2\":true,\"systemd\":true,\"systemdUser\":true,"
      "\"rdma\":true},\"seccomp\":" +
      SECCOMP + FLAGS + ",\"supportedFlags\":" + FLAGS + "}" +
      ",\"apparmor\":{\"enabled\":true},\"selinux\":{\"enabled\":true},"
      "\"intelRdt\":{\"enabled\":false},\"memoryPolicy\":" +
      MEMORY_POLICY +
      ",\"mountExtensions\":{\"idmap\":{\"enabled\":true}},"
      "\"netDevices\":{\"enabled\":true}},\"annotations\":{"
      "\"org.opencontainers.runc.checkpoint.enabled\":\"false\"},"
      "\"potentiallyUnsafeConfigAnnotations\":[]}";
  std::puts(out.c_str());
  return 0;
}

} // namespace fairlead
