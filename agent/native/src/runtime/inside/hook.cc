// One hook, run to its end. Used by the parent and between clone and exec: no allocation.
#include "runtime/inside/hook.hh"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "base/fd.hh"
#include "runtime/inside/descriptors.hh"
#include "runtime/inside/report.hh"

namespace fairlead::inside {

namespace {

constexpr int kMostSeconds = 3600;

[[noreturn]] void become_hook(const HookStep& hook, int state) {
  umask(0022);
  lseek(state, 0, SEEK_SET);
  dup2(state, 0);
  close_on_exec_from(3);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execve(hook.path, hook.argv, hook.envp);
  _exit(errno == ENOENT ? 127 : 126);
}

} // namespace

bool run_hook(const HookStep& hook, int state) {
  const Outcome outcome = call_hook(hook, state);
  if (outcome.good) return true;
  errno = outcome.code != 0 ? outcome.code : ECANCELED;
  return broke(outcome.step, hook.path);
}

Outcome call_hook(const HookStep& hook, int state) {
  // Without SIGCHLD, so that a caller that waits for any child does not take this one.
  const pid_t pid = static_cast<pid_t>(syscall(SYS_clone, 0, nullptr, nullptr, nullptr, nullptr));
  if (pid < 0) return {false, errno, "start hook", ""};
  if (pid == 0) become_hook(hook, state);
  const Fd handle(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  const int limit = hook.timeout_s > 0 && hook.timeout_s < kMostSeconds ? hook.timeout_s
                                                                        : kMostSeconds;
  bool late = false;
  if (handle) {
    pollfd wait{handle.get(), POLLIN, 0};
    int ready;
    do ready = poll(&wait, 1, limit * 1000);
    while (ready < 0 && errno == EINTR);
    late = ready == 0;
  }
  if (late) kill(pid, SIGKILL);
  int status = 0;
  pid_t ended;
  do ended = waitpid(pid, &status, __WALL);
  while (ended < 0 && errno == EINTR);
  if (late) return {false, ETIMEDOUT, "run hook", ""};
  if (ended != pid) return {false, errno, "wait for hook", ""};
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {true, 0, "", ""};
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127) return {false, ENOENT, "run hook", ""};
  return {false, 0, "run hook", "it failed"};
}

} // namespace fairlead::inside
