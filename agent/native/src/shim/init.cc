// init: the first process of a container that asked for one. Starts the program, passes signals
// on to it, reaps orphans, and ends as the program ends.
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "commands.hh"

namespace fairlead {

namespace {

// These come from init's own faults or from its children, not from outside.
constexpr int OWN_SIGNALS[] = {SIGFPE, SIGILL, SIGSEGV, SIGBUS, SIGABRT, SIGTRAP, SIGSYS};

// The program gets its own group in the foreground, so that a terminal's signals reach it.
[[noreturn]] void become(char** argv, const sigset_t& before) {
  ::setpgid(0, 0);
  if (::tcsetpgrp(STDIN_FILENO, ::getpgrp()) != 0 && errno == EPERM) ::_exit(128);
  ::signal(SIGTTOU, SIG_DFL);
  ::signal(SIGTTIN, SIG_DFL);
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  ::execvp(argv[0], argv);
  std::fprintf(stderr, "exec %s: %s\n", argv[0], std::strerror(errno));
  ::_exit(errno == ENOENT ? 127 : 126);
}

// Reaps everything that has ended; true when the program itself was among it.
bool reap(pid_t program, int& status) {
  bool ended = false;
  int any = 0;
  for (pid_t pid; (pid = ::waitpid(-1, &any, WNOHANG)) > 0;) {
    if (pid != program) continue;
    status = any;
    ended = true;
  }
  return ended;
}

} // namespace

int init_main(int argc, char** argv) {
  int first = 1;
  if (argc > first && std::strcmp(argv[first], "--") == 0) ++first;
  if (argc <= first) {
    std::fputs("usage: init -- PROGRAM [ARGUMENT...]\n", stderr);
    return 2;
  }
  sigset_t waited, before;
  ::sigfillset(&waited);
  for (const int signal : OWN_SIGNALS) ::sigdelset(&waited, signal);
  ::sigprocmask(SIG_SETMASK, &waited, &before);
  // Giving the terminal away from the background would otherwise stop the child.
  ::signal(SIGTTOU, SIG_IGN);
  ::signal(SIGTTIN, SIG_IGN);
  const pid_t program = ::fork();
  if (program < 0) {
    std::perror("fork");
    return 1;
  }
  if (program == 0) become(argv + first, before);
  int status = 0;
  for (;;) {
    const int signal = ::sigwaitinfo(&waited, nullptr);
    if (signal == SIGCHLD) {
      if (reap(program, status)) break;
    } else if (signal > 0) {
      ::kill(program, signal);
    }
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

} // namespace fairlead
