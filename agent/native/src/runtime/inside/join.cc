// Joining namespaces and cloning, see join.hh. Runs between clone and exec: no allocation.
#include "runtime/inside/join.hh"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>

#include "base/fd.hh"
#include "runtime/inside/groups.hh"
#include "runtime/inside/limits.hh"
#include "runtime/inside/report.hh"
#include "runtime/inside/run.hh"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

namespace fairlead::inside {

namespace {

bool make_time_namespace(const JoinPlan& join) {
  if (unshare(CLONE_NEWTIME) < 0) return broke("make time namespace");
  if (join.time_offsets == nullptr) return true;
  const Fd fd(open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC));
  const bool good = fd && write(fd.get(), join.time_offsets, strlen(join.time_offsets)) > 0;
  return good || broke("set time offsets", "/proc/self/timens_offsets");
}

bool join_spaces(const JoinPlan& join, int types) {
  const int of_init = join.init_types & types;
  if (join.init >= 0 && of_init != 0 && setns(join.init, of_init) < 0)
    return broke("join namespaces");
  for (const Join& space : join.joins)
    if ((space.type & types) != 0 && setns(space.fd, space.type) < 0)
      return broke("join namespace");
  return true;
}

// Version 2 lets nobody into a group from outside their cgroup namespace where that is a border of
// delegation, as systemd mounts it (nsdelegate, cgroups(7)): so the new process joins that one
// itself, in its group.
bool join_all(const JoinPlan& join) {
  if (join.new_time && !make_time_namespace(join)) return false;
  if (!join_spaces(join, ~CLONE_NEWCGROUP)) return false;
  if (join.root >= 0 && (fchdir(join.root) < 0 || chroot(".") < 0)) return broke("enter root");
  return true;
}

} // namespace

long clone_process(const JoinPlan& join, uint64_t more_flags, int* pidfd, uint64_t exit_signal) {
  clone_args args{};
  args.flags = join.clone_flags | more_flags;
  args.exit_signal = exit_signal;
  if (pidfd != nullptr) {
    args.flags |= CLONE_PIDFD;
    args.pidfd = reinterpret_cast<__u64>(pidfd);
  }
  if (join.cgroup >= 0) {
    args.flags |= CLONE_INTO_CGROUP;
    args.cgroup = static_cast<__u64>(join.cgroup);
  }
  return syscall(SYS_clone3, &args, sizeof args);
}

void join_and_clone(const JoinPlan& join, const Plan& plan) {
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  begin_report();
  if (plan.user_namespace && !raise_limits(0, plan.identity.limits)) die(plan.channel);
  if (join.processors != nullptr &&
      sched_setaffinity(0, sizeof(cpu_set_t), static_cast<const cpu_set_t*>(join.processors)) < 0) {
    broke("set processor affinity");
    die(plan.channel);
  }
  for (const int entrance : join.entrances) {
    const Fd owned(entrance);
    if (enter_group(entrance)) continue;
    broke("enter cgroup");
    die(plan.channel);
  }
  if (!join_all(join)) die(plan.channel);
  const long pid = clone_process(join, CLONE_PARENT, nullptr, 0);
  if (pid < 0) {
    broke("clone");
    die(plan.channel);
  }
  if (pid == 0) {
    if (!join_spaces(join, CLONE_NEWCGROUP)) die(plan.channel);
    run(plan);
  }
  const int number = static_cast<int>(pid);
  _exit(write(join.answer, &number, sizeof number) == sizeof number ? 0 : 1);
}

} // namespace fairlead::inside
