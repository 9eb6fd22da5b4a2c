// Tables of capability, resource limit, namespace and signal names.
#include "runtime/names.hh"

#include <sched.h>
#include <signal.h>
#include <sys/resource.h>

#include <array>
#include <charconv>
#include <cstring>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

namespace fairlead {

namespace {

// In the order of linux/capability.h.
constexpr std::array CAPABILITIES = {"CAP_CHOWN",
                                     "CAP_DAC_OVERRIDE",
                                     "CAP_DAC_READ_SEARCH",
                                     "CAP_FOWNER",
                                     "CAP_FSETID",
                                     "CAP_KILL",
                                     "CAP_SETGID",
                                     "CAP_SETUID",
                                     "CAP_SETPCAP",
                                     "CAP_LINUX_IMMUTABLE",
                                     "CAP_NET_BIND_SERVICE",
                                     "CAP_NET_BROADCAST",
                                     "CAP_NET_ADMIN",
                                     "CAP_NET_RAW",
                                     "CAP_IPC_LOCK",
                                     "CAP_IPC_OWNER",
                                     "CAP_SYS_MODULE",
                                     "CAP_SYS_RAWIO",
                                     "CAP_SYS_CHROOT",
                                     "CAP_SYS_PTRACE",
                                     "CAP_SYS_PACCT",
                                     "CAP_SYS_ADMIN",
                                     "CAP_SYS_BOOT",
                                     "CAP_SYS_NICE",
                                     "CAP_SYS_RESOURCE",
                                     "CAP_SYS_TIME",
                                     "CAP_SYS_TTY_CONFIG",
                                     "CAP_MKNOD",
                                     "CAP_LEASE",
                                     "CAP_AUDIT_WRITE",
                                     "CAP_AUDIT_CONTROL",
                                     "CAP_SETFCAP",
                                     "CAP_MAC_OVERRIDE",
                                     "CAP_MAC_ADMIN",
                                     "CAP_SYSLOG",
                                     "CAP_WAKE_ALARM",
                                     "CAP_BLOCK_SUSPEND",
                                     "CAP_AUDIT_READ",
                                     "CAP_PERFMON",
                                     "CAP_BPF",
                                     "CAP_CHECKPOINT_RESTORE"};

struct Named {
  const char* name;
  int number;
};

constexpr std::array<Named, 16> LIMITS = {{{"RLIMIT_AS", RLIMIT_AS},
                                           {"RLIMIT_CORE", RLIMIT_CORE},
                                           {"RLIMIT_CPU", RLIMIT_CPU},
                                           {"RLIMIT_DATA", RLIMIT_DATA},
                                           {"RLIMIT_FSIZE", RLIMIT_FSIZE},
                                           {"RLIMIT_LOCKS", RLIMIT_LOCKS},
                                           {"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK},
                                           {"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE},
                                           {"RLIMIT_NICE", RLIMIT_NICE},
                                           {"RLIMIT_NOFILE", RLIMIT_NOFILE},
                                           {"RLIMIT_NPROC", RLIMIT_NPROC},
                                           {"RLIMIT_RSS", RLIMIT_RSS},
                                           {"RLIMIT_RTPRIO", RLIMIT_RTPRIO},
                                           {"RLIMIT_RTTIME", RLIMIT_RTTIME},
                                           {"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
                                           {"RLIMIT_STACK", RLIMIT_STACK}}};

constexpr std::array<Named, 8> NAMESPACES = {{{"pid", CLONE_NEWPID},
                                              {"network", CLONE_NEWNET},
                                              {"mount", CLONE_NEWNS},
                                              {"ipc", CLONE_NEWIPC},
                                              {"uts", CLONE_NEWUTS},
                                              {"user", CLONE_NEWUSER},
                                              {"cgroup", CLONE_NEWCGROUP},
                                              {"time", CLONE_NEWTIME}}};

template <typename Table> std::optional<int> look_up(const Table& table, std::string_view name) {
  for (const Named& entry : table)
    if (name == entry.name) return entry.number;
  return std::nullopt;
}

} // namespace

std::optional<int> capability_number(std::string_view name) {
  for (size_t i = 0; i < CAPABILITIES.size(); ++i)
    if (name == CAPABILITIES[i]) return static_cast<int>(i);
  return std::nullopt;
}

const char* capability_name(int number) {
  const auto index = static_cast<size_t>(number);
  return index < CAPABILITIES.size() ? CAPABILITIES[index] : nullptr;
}

std::optional<int> rlimit_number(std::string_view name) { return look_up(LIMITS, name); }

const char* rlimit_text(int number) {
  for (const Named& entry : LIMITS)
    if (entry.number == number) return entry.name;
  return "";
}

std::optional<int> namespace_flag(std::string_view name) { return look_up(NAMESPACES, name); }

const char* namespace_name(int flag) {
  switch (flag) {
  case CLONE_NEWPID: return "pid";
  case CLONE_NEWNET: return "net";
  case CLONE_NEWNS: return "mnt";
  case CLONE_NEWIPC: return "ipc";
  case CLONE_NEWUTS: return "uts";
  case CLONE_NEWUSER: return "user";
  case CLONE_NEWCGROUP: return "cgroup";
  default: return "time";
  }
}

std::optional<int> signal_number(std::string_view name) {
  if (!name.empty() && name.find_first_not_of("0123456789") == name.npos && name.size() < 4) {
    int number = 0;
    std::from_chars(name.data(), name.data() + name.size(), number);
    if (number > 0 && number <= SIGRTMAX) return number;
    return std::nullopt;
  }
  if (name.starts_with("SIG")) name.remove_prefix(3);
  for (int number = 1; number < 32; ++number) {
    const char* known = sigabbrev_np(number);
    if (known != nullptr && name == known) return number;
  }
  for (const auto& [start, base] : {std::pair{"RTMIN", SIGRTMIN}, std::pair{"RTMAX", SIGRTMAX}}) {
    if (!name.starts_with(start)) continue;
    name.remove_prefix(strlen(start));
    int offset = 0;
    if (name.starts_with('+')) name.remove_prefix(1);
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), offset);
    if (!name.empty() && (error != std::errc{} || end != name.data() + name.size())) break;
    const int number = base + offset;
    return number >= SIGRTMIN && number <= SIGRTMAX ? std::optional(number) : std::nullopt;
  }
  if (name == "IOT") return SIGABRT;
  return std::nullopt;
}

} // namespace fairlead
