// The order of things between clone and exec: no allocation, no exceptions, one channel out.
#include "runtime/inside/run.hh"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/loopback.hh"
#include "runtime/inside/console.hh"
#include "runtime/inside/descriptors.hh"
#include "runtime/inside/devices.hh"
#include "runtime/inside/groups.hh"
#include "runtime/inside/hook.hh"
#include "runtime/inside/identity.hh"
#include "runtime/inside/masks.hh"
#include "runtime/inside/mounts.hh"
#include "runtime/inside/paths.hh"
#include "runtime/inside/program.hh"
#include "runtime/inside/report.hh"
#include "runtime/inside/root.hh"
#include "runtime/inside/stdio.hh"
#include "runtime/inside/sysctl.hh"

namespace fairlead::inside {

namespace {

// The parent's other descriptors must not be held open here while the container waits.
void close_others(const Plan& plan) {
  unsigned next = 3U + static_cast<unsigned>(plan.identity.kept_fds);
  for (const int fd : plan.keep) {
    const auto kept = static_cast<unsigned>(fd);
    if (kept < next) continue;
    if (kept > next) close_between(next, kept - 1);
    next = kept + 1;
  }
  close_between(next, ~0U);
}

void reset_signals() {
  for (int number = 1; number < 65; ++number) {
    struct sigaction current{};
    if (sigaction(number, nullptr, &current) == 0 && current.sa_handler != SIG_DFL)
      signal(number, SIG_DFL);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

bool join_namespaces(const Plan& plan) {
  for (const Join& join : plan.joins)
    if (setns(join.fd, join.type) < 0) return broke("join namespace");
  return true;
}

bool become_root_of_namespace() {
  if (syscall(SYS_setresgid, 0, 0, 0) < 0) return broke("become root of user namespace");
  if (syscall(SYS_setresuid, 0, 0, 0) < 0) return broke("become root of user namespace");
  return true;
}

bool enter_namespaces(const Plan& plan) {
  if (plan.wait_for_maps || plan.wait_for_parent) {
    if (!send_word(plan.channel, Word::parent)) return broke("ask parent");
    if (!await_go(plan.channel)) return broke("wait for parent");
  }
  // A cgroup namespace begins where its first process is.
  if (plan.unshare != 0 && plan.enter_groups && !enter_groups(plan.channel)) return false;
  if (!join_namespaces(plan)) return false;
  if (plan.unshare != 0 && unshare(plan.unshare) < 0) return broke("unshare");
  if (plan.user_namespace && !become_root_of_namespace()) return false;
  if (plan.loopback && !raise_loopback()) return broke("raise loopback", "lo");
  if (plan.hostname != nullptr && sethostname(plan.hostname, strlen(plan.hostname)) < 0)
    return broke("set hostname", plan.hostname);
  if (plan.domainname != nullptr && setdomainname(plan.domainname, strlen(plan.domainname)) < 0)
    return broke("set domainname", plan.domainname);
  return write_sysctls(plan.sysctls);
}

bool run_runtime_hooks(const Plan& plan) {
  if (!plan.runtime_hooks) return true;
  if (!send_word(plan.channel, Word::runtime_hooks)) return broke("announce hooks");
  return await_go(plan.channel) || broke("wait for hooks");
}

bool furnish(const Plan& plan) {
  const int root = attach_root(plan);
  if (root < 0) return false;
  if (!do_mounts(root, plan) || !make_devices(root, plan)) return false;
  if (plan.terminal && !take_console(root, plan, true)) return false;
  // As runc and crun do; what cannot be made is told by chdir.
  if (plan.identity.cwd[1] != '\0') (void)make_inside(root, plan.identity.cwd + 1, true);
  if (!do_remounts(plan.remounts)) return false;
  if (!hide_paths(root, plan)) return false;
  if (plan.unshare == 0 && plan.enter_groups && !enter_groups(plan.channel)) return false;
  if (!run_runtime_hooks(plan)) return false;
  for (const HookStep& hook : plan.create_container)
    if (!run_hook(hook, plan.hook_state)) return false;
  return enter_root(root, plan);
}

// Says that all is set up. Where start comes from another program run, its connection becomes the
// channel for errors.
int wait_for_start(const Plan& plan) {
  if (!send_word(plan.channel, Word::ready)) return -1;
  if (!plan.wait_for_start) return plan.channel;
  int channel = plan.channel;
  if (plan.listener >= 0) {
    (void)Fd(plan.channel); // nobody is there any more
    const Fd listener(plan.listener);
    do channel = accept4(plan.listener, nullptr, nullptr, SOCK_CLOEXEC);
    while (channel < 0 && errno == EINTR);
  }
  if (channel < 0 || !await_go(channel)) _exit(1);
  return channel;
}

bool join_root(const Plan& plan) {
  return plan.terminal ? take_console(AT_FDCWD, plan, false) : true;
}

// The container's /proc could swallow the label or turn it against another file (CVE-2025-52881),
// so it is written through a procfs that nobody else has.
bool open_label(const Plan& plan, Fd& label) {
  if (plan.identity.label == nullptr) return true;
  const Fd proc = open_private_proc();
  if (!proc) return broke("open procfs");
  label.reset(openat(proc.get(), plan.identity.label_file, O_WRONLY | O_CLOEXEC));
  return label || broke("open label file", plan.identity.label_file);
}

} // namespace

void run(const Plan& plan) {
  // Nobody in the container may trace this process or take its descriptors while it is ours.
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  begin_report();
  reset_signals();
  umask(0);
  // One that another program has started may lead its session already.
  if (setsid() < 0 && getsid(0) != getpid()) {
    broke("setsid");
    die(plan.channel);
  }
  close_others(plan);
  Fd label;
  if (!open_label(plan, label)) die(plan.channel);
  if (!take_stdio(plan) || !enter_namespaces(plan)) die(plan.channel);
  if (plan.root >= 0 ? !furnish(plan) : !join_root(plan)) die(plan.channel);
  if (!take_identity(plan.identity)) die(plan.channel);
  const bool unset = plan.identity.argv[0] == nullptr; // only create is possible then
  if (!unset && !find_program(plan.identity)) die(plan.channel);
  const int channel = wait_for_start(plan);
  if (channel < 0) _exit(1);
  if (unset) {
    errno = EINVAL;
    broke("start: the configuration has no process");
    die(channel);
  }
  for (const HookStep& hook : plan.start_container)
    if (!run_hook(hook, plan.hook_state)) die(channel);
  run_program(plan.identity, label.get(), channel);
  die(channel);
}

} // namespace fairlead::inside
