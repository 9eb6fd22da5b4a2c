// Who the process becomes: user, groups, capabilities, limits of privilege, and its program. Runs
// between clone and exec: no allocation.
#include "runtime/inside/identity.hh"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>

#include "runtime/inside/descriptors.hh"
#include "runtime/inside/filter.hh"
#include "runtime/inside/home.hh"
#include "runtime/inside/limits.hh"
#include "runtime/inside/program.hh"
#include "runtime/inside/report.hh"
#include "runtime/inside/stdio.hh"

namespace fairlead::inside {

namespace {

bool set_capabilities(uint64_t effective, uint64_t permitted, uint64_t inheritable) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const auto low = [](uint64_t bits) { return static_cast<uint32_t>(bits); };
  const auto high = [](uint64_t bits) { return static_cast<uint32_t>(bits >> 32U); };
  const __user_cap_data_struct data[2] = {{low(effective), low(permitted), low(inheritable)},
                                          {high(effective), high(permitted), high(inheritable)}};
  return syscall(SYS_capset, &header, data) == 0;
}

uint64_t permitted_now() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  if (syscall(SYS_capget, &header, data) < 0) return 0;
  return data[0].permitted | uint64_t{data[1].permitted} << 32U;
}

bool drop_bounding(uint64_t kept) {
  for (unsigned long cap = 0; cap < 64; ++cap) {
    if ((kept >> cap & 1U) != 0) continue;
    if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0) continue;
    if (errno == EINVAL) return true; // past the last capability of this kernel
    return broke("drop capability from bounding set");
  }
  return true;
}

bool become_user(const Identity& identity) {
  if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0) return broke("keep capabilities");
  if (identity.set_groups && syscall(SYS_setgroups, identity.group_count, identity.groups) < 0)
    return broke("set groups");
  if (syscall(SYS_setresgid, identity.gid, identity.gid, identity.gid) < 0)
    return broke("set group");
  if (syscall(SYS_setresuid, identity.uid, identity.uid, identity.uid) < 0)
    return broke("set user");
  if (prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) < 0) return broke("keep capabilities");
  return true;
}

// Everything permitted stays effective until the filter is in place, which needs CAP_SYS_ADMIN
// where no_new_privileges is off (seccomp(2)); inheritable and ambient get their final values.
bool arrange_capabilities(const Identity& identity) {
  const uint64_t now = permitted_now();
  if (!set_capabilities(now, now, identity.inheritable & now)) return broke("set capabilities");
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 && errno != EINVAL)
    return broke("clear ambient capabilities");
  for (unsigned long cap = 0; cap < 64; ++cap) {
    if ((identity.ambient >> cap & 1U) == 0) continue;
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) < 0)
      return broke("raise ambient capability");
  }
  return true;
}

// A working directory outside the root would be a way to the host (CVE-2024-21626): getcwd(2)
// answers "(unreachable)…" then.
bool enter_directory(const char* cwd) {
  if (chdir(cwd) < 0) return broke("chdir", cwd);
  char path[PATH_MAX];
  if (syscall(SYS_getcwd, path, sizeof path) < 0 || path[0] != '/') {
    if (path[0] != '/') errno = EACCES;
    return broke("check working directory", cwd);
  }
  return true;
}

// A caller that is bound to processors (taskset(1), CPUAffinity=) would bind the container. The
// kernel takes of all what the cpuset has. 8192 is the most that it can be built for.
void release_processors() {
  unsigned long all[8192 / (8 * sizeof(unsigned long))];
  memset(all, 0xff, sizeof all);
  (void)syscall(SYS_sched_setaffinity, 0, sizeof all, all);
}

bool apply_scheduling(const Identity& identity) {
  if (identity.any_processor) release_processors();
  if (identity.scheduler != nullptr && syscall(SYS_sched_setattr, 0, identity.scheduler, 0) < 0)
    return broke("set scheduler");
  if (identity.processors != nullptr &&
      sched_setaffinity(0, sizeof(cpu_set_t), static_cast<const cpu_set_t*>(identity.processors)) <
          0)
    return broke("set processor affinity");
  if (identity.io_priority >= 0 && syscall(SYS_ioprio_set, 1, 0, identity.io_priority) < 0)
    return broke("set I/O priority");
  return true;
}

bool set_memory_policy(const Identity& identity) {
  if (identity.memory_mode < 0) return true;
  return syscall(SYS_set_mempolicy, identity.memory_mode, identity.memory_nodes,
                 identity.memory_node_count) == 0 ||
         broke("set memory policy");
}

bool join_keyring(const Identity& identity) {
  if (!identity.new_keyring) return true;
  if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, identity.keyring) >= 0) return true;
  // Kernels without keys, sandboxes and exhausted quotas: the host's session keyring is left
  // behind by the namespaces of root's keys anyway.
  return errno == ENOSYS || errno == EPERM || errno == EDQUOT || broke("join session keyring");
}

} // namespace

bool take_identity(const Identity& identity) {
  if (!join_keyring(identity)) return false;
  if (!apply_scheduling(identity) || !set_memory_policy(identity)) return false;
  if (identity.personality >= 0 &&
      personality(static_cast<unsigned long>(identity.personality)) < 0)
    return broke("set personality");
  umask(identity.umask >= 0 ? static_cast<mode_t>(identity.umask) : 0022);
  if (!own_stdio(identity.uid)) return false;
  set_home(identity);
  if (!drop_bounding(identity.bounding)) return false;
  if (!become_user(identity)) return false;
  if (!arrange_capabilities(identity)) return false;
  if (identity.no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
    return broke("set no_new_privileges");
  return enter_directory(identity.cwd);
}

bool run_program(const Identity& identity, int label, int channel) {
  if (label >= 0 && write(label, identity.label, strlen(identity.label)) < 0)
    return broke("set security label", identity.label);
  if (!set_limits(identity.limits)) return false;
  close_on_exec_from(3U + static_cast<unsigned>(identity.kept_fds));
  if (!install_filter(identity, channel)) return false;
  const uint64_t granted = identity.permitted;
  if (!set_capabilities(identity.effective & granted, granted, identity.inheritable))
    return broke("set capabilities");
  return exec_found(identity);
}

} // namespace fairlead::inside
