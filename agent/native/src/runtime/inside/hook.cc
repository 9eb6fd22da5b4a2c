// One hook, run to its end. Used by the parent and between clone and exec: no allocation.
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
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "base/fd.hh"
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

// What a hook says, as far as it fits; the rest is read and forgotten, so that nobody waits for it.
struct Speech {
  Fd pipe;
  char text[240] = {};
  size_t length = 0;

  void listen() {
    char bytes[512];
    const ssize_t got = read(pipe.get(), bytes, sizeof bytes);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) return pipe.reset();
    for (ssize_t at = 0; at < got && length + 1 < sizeof text; ++at)
      text[length++] = bytes[at] == '\n' ? ' ' : bytes[at];
  }
};

// Waits for the end of a process, at most until the hour; false when that came first.
bool wait_for(const Fd& process, Speech& speech, int64_t until_ms) {
  for (;;) {
    pollfd wait[2] = {{process.get(), POLLIN, 0}, {speech.pipe.get(), POLLIN, 0}};
    const int64_t left = until_ms - now_ms();
    if (left <= 0) return false;
    if (poll(wait, 2, static_cast<int>(left)) < 0 && errno != EINTR) return true;
    if (wait[1].revents != 0) speech.listen();
    if (wait[0].revents != 0) break;
  }
  if (speech.pipe) speech.listen(); // what is left; others may hold the pipe for ever
  return true;
}

void tell(Outcome& outcome, int status, const Speech& speech) {
  const bool exited = WIFEXITED(status);
  snprintf(outcome.detail, sizeof outcome.detail, "%s %d%s%s",
           exited ? "exit status" : "killed by signal",
           exited ? WEXITSTATUS(status) : WTERMSIG(status), speech.length > 0 ? ": " : "",
           speech.text);
  for (size_t end = strlen(outcome.detail); end > 0 && outcome.detail[end - 1] == ' ';)
    outcome.detail[--end] = '\0';
}

} // namespace

bool run_hook(const HookStep& hook, int state) {
  const Outcome outcome = call_hook(hook, state);
  if (outcome.good) return true;
  char text[sizeof(Message::path)];
  const bool said = outcome.detail[0] != '\0';
  snprintf(text, sizeof text, "%s%s%s", hook.path, said ? ": " : "", outcome.detail);
  errno = outcome.code;
  return broke(outcome.step, text);
}

Outcome call_hook(const HookStep& hook, int state) {
  Outcome outcome;
  const auto failed = [&](const char* step, int code) {
    outcome.step = step;
    outcome.code = code;
    return outcome;
  };
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return failed("start hook", errno);
  Speech speech{Fd(ends[0])};
  Fd output(ends[1]);
  fcntl(speech.pipe.get(), F_SETFL, O_NONBLOCK);
  // Without SIGCHLD, so that a caller that waits for any child does not take this one.
  const pid_t pid = static_cast<pid_t>(syscall(SYS_clone, 0, nullptr, nullptr, nullptr, nullptr));
  if (pid < 0) return failed("start hook", errno);
  if (pid == 0) become_hook(hook, state, output.get());
  output.reset();
  const Fd handle(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  const int limit =
      hook.timeout_s > 0 && hook.timeout_s < MOST_SECONDS ? hook.timeout_s : MOST_SECONDS;
  const bool late = handle && !wait_for(handle, speech, now_ms() + limit * 1000);
  if (late) kill(pid, SIGKILL);
  int status = 0;
  pid_t ended;
  do ended = waitpid(pid, &status, __WALL);
  while (ended < 0 && errno == EINTR);
  if (late) return failed("run hook", ETIMEDOUT);
  if (ended != pid) return failed("wait for hook", errno);
  outcome.good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  if (outcome.good) return outcome;
  if (WIFEXITED(status) && WEXITSTATUS(status) == MISSING && speech.length == 0)
    return failed("run hook", ENOENT);
  tell(outcome, status, speech);
  return outcome;
}

} // namespace fairlead::inside
