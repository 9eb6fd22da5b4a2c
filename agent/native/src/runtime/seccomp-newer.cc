// System calls that are newer than libseccomp's tables, and the answer ENOSYS for unknown ones.
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>

#include <algorithm>
#include <array>

#include "runtime/seccomp.hh"

namespace fairlead {

namespace {

#if defined(__x86_64__)
constexpr uint32_t ARCH = AUDIT_ARCH_X86_64;
constexpr uint32_t FOREIGN_BIT = 0x40000000; // x32 calls share the architecture number
constexpr int URETPROBE = 335, UPROBE = 336; // of this architecture alone
#elif defined(__aarch64__)
constexpr uint32_t ARCH = AUDIT_ARCH_AARCH64;
constexpr uint32_t FOREIGN_BIT = 0;
constexpr int URETPROBE = -1, UPROBE = -1;
#endif

struct Call {
  const char* name;
  int number;
};

// The same numbers on every architecture since Linux 5.1.
constexpr std::array NEWER =
    std::to_array<Call>({{"uretprobe", URETPROBE},   {"uprobe", UPROBE},
                         {"cachestat", 451},         {"fchmodat2", 452},
                         {"map_shadow_stack", 453},  {"futex_wake", 454},
                         {"futex_wait", 455},        {"futex_requeue", 456},
                         {"statmount", 457},         {"listmount", 458},
                         {"lsm_get_self_attr", 459}, {"lsm_set_self_attr", 460},
                         {"lsm_list_modules", 461},  {"mseal", 462},
                         {"setxattrat", 463},        {"getxattrat", 464},
                         {"listxattrat", 465},       {"removexattrat", 466},
                         {"open_tree_attr", 467},    {"file_getattr", 468},
                         {"file_setattr", 469}});

int number_of(const std::string& name) {
  const int known = seccomp_syscall_resolve_name(name.c_str());
  if (known >= 0) return known;
  for (const Call& call : NEWER)
    if (name == call.name) return call.number;
  return -1;
}

sock_filter statement(int code, uint32_t value) {
  return {static_cast<uint16_t>(code), 0, 0, value};
}
sock_filter jump(int code, uint32_t value, size_t yes, size_t no) {
  return {static_cast<uint16_t>(code), static_cast<uint8_t>(yes), static_cast<uint8_t>(no), value};
}

} // namespace

void add_newer_calls(const Seccomp& profile, Filter& filter) {
  int newest = -1;
  Filter answers;
  for (const SeccompRule& rule : profile.rules) {
    for (const std::string& name : rule.names) {
      const int number = number_of(name);
      newest = std::max(newest, number);
      const bool unknown = seccomp_syscall_resolve_name(name.c_str()) == __NR_SCMP_ERROR;
      if (!unknown || number < 0 || !rule.args.empty()) continue;
      answers.push_back(jump(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(number), 0, 1));
      answers.push_back(statement(BPF_RET | BPF_K, rule.action));
    }
  }
  const bool refuses = (profile.default_action & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO;
  if (refuses && newest >= 0) {
    answers.push_back(jump(BPF_JMP | BPF_JGT | BPF_K, static_cast<uint32_t>(newest), 0, 1));
    answers.push_back(statement(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS));
  }
  if (answers.empty() || answers.size() > 200) return; // jumps reach 255 instructions
  Filter front;
  const size_t rest = answers.size();
  front.push_back(statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)));
  front.push_back(jump(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 0, rest + (FOREIGN_BIT != 0 ? 2 : 1)));
  front.push_back(statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
  if (FOREIGN_BIT != 0) front.push_back(jump(BPF_JMP | BPF_JGE | BPF_K, FOREIGN_BIT, rest, 0));
  front.insert(front.end(), answers.begin(), answers.end());
  filter.insert(filter.begin(), front.begin(), front.end());
}

} // namespace fairlead
