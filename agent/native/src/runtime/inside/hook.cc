// One hook. Used by the parent and between clone and exec: no allocation.
#include "runtime/inside/hook.hh"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "runtime/inside/descriptors.hh"
#include "runtime/inside/report.hh"

namespace fairlead::inside {

namespace {

constexpr int MOST_SECONDS = 3600;
constexpr int MISSING = 127, NOT_STARTED = 126; // exit codes, as of a shell

[[noreturn]] void become_hook(const HookStep& hook, int state, int output) {
  umask(0022);
  lseek(state, 0, SEEK_SET);
  dup2(state, 0);
  dup2(output, 1);
  dup2(output, 2);
  if (hook.directory >= 0 && fchdir(hook.directory) < 0) _exit(NOT_STARTED);
  close_on_exec_from(3);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execve(hook.path, hook.argv, hook.envp);
  _exit(errno == ENOENT ? MISSING : NOT_STARTED);
}

int64_t now_ms() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

// Waits for the end of a hook; false when its time came first.
bool wait_for(RunningHook& hook) {
  for (;;) {
    pollfd wait[2] = {{hook.process.get(), POLLIN, 0}, {hook.output.get(), POLLIN, 0}};
    const int64_t left = hook.left_ms();
    if (left <= 0) return false;
    if (poll(wait, 2, static_cast<int>(left)) < 0 && errno != EINTR) return true;
    if (wait[1].revents != 0) hook.listen();
    if (wait[0].revents != 0) return true;
  }
}

Outcome call_hook(const HookStep& hook, int state) {
  RunningHook running;
  if (!running.start(hook, state, 0)) return {.code = errno, .step = "start hook"};
  const bool late = running.process && !wait_for(running);
  if (late) kill(running.pid, SIGKILL);
  int status = 0;
  pid_t ended;
  do ended = waitpid(running.pid, &status, __WALL);
  while (ended < 0 && errno == EINTR);
  if (ended != running.pid) return {.code = errno, .step = "wait for hook"};
  running.listen(); // what is left; others may hold the pipe for ever
  return running.outcome(status, late);
}

} // namespace

bool RunningHook::start(const HookStep& hook, int state, int exit_signal) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return false;
  output.reset(ends[0]);
  const Fd theirs(ends[1]);
  fcntl(output.get(), F_SETFL, O_NONBLOCK);
  pid = static_cast<pid_t>(syscall(SYS_clone, exit_signal, nullptr, nullptr, nullptr, nullptr));
  if (pid < 0) return false;
  if (pid == 0) become_hook(hook, state, theirs.get());
  process.reset(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  const bool limited = hook.timeout_s > 0 && hook.timeout_s < MOST_SECONDS;
  due_ms_ = now_ms() + (limited ? hook.timeout_s : MOST_SECONDS) * 1000;
  return true;
}

void RunningHook::listen() {
  if (!output) return;
  char bytes[512];
  const ssize_t got = read(output.get(), bytes, sizeof bytes);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) return output.reset();
  for (ssize_t at = 0; at < got && length_ + 1 < sizeof said_; ++at)
    said_[length_++] = bytes[at] == '\n' ? ' ' : bytes[at];
}

int64_t RunningHook::left_ms() const { return due_ms_ - now_ms(); }

Outcome RunningHook::outcome(int status, bool late) const {
  const bool exited = WIFEXITED(status);
  if (late) return {.code = ETIMEDOUT};
  if (exited && WEXITSTATUS(status) == 0) return {.good = true};
  if (exited && WEXITSTATUS(status) == MISSING && length_ == 0) return {.code = ENOENT};
  Outcome outcome;
  snprintf(outcome.detail, sizeof outcome.detail, "%s %d%s%s",
           exited ? "exit status" : "killed by signal",
           exited ? WEXITSTATUS(status) : WTERMSIG(status), length_ > 0 ? ": " : "", said_);
  for (size_t end = strlen(outcome.detail); end > 0 && outcome.detail[end - 1] == ' ';)
    outcome.detail[--end] = '\0';
  return outcome;
}

bool run_hook(const HookStep& hook, int state) {
  const Outcome outcome = call_hook(hook, state);
  if (outcome.good) return true;
  char text[sizeof(Message::path)];
  const bool said = outcome.detail[0] != '\0';
  snprintf(text, sizeof text, "%s%s%s", hook.path, said ? ": " : "", outcome.detail);
  errno = outcome.code;
  return broke(outcome.step, text);
}

} // namespace fairlead::inside
