// Terminals and waiting: console sockets, pid files, and the foreground of run and exec.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/file.hh"
#include "base/unix-socket.hh"
#include "oci/command.hh"
#include "runtime/seal.hh"

namespace fairlead {

namespace {

// The caller's output may be one that does not block, which another program has set it to: what it
// does not take at once waits.
void write_all(int fd, const char* bytes, ssize_t size) {
  while (size > 0) {
    const ssize_t done = write(fd, bytes, static_cast<size_t>(size));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0 && errno == EAGAIN) {
      pollfd wait{fd, POLLOUT, 0};
      (void)poll(&wait, 1, -1);
      continue;
    }
    if (done <= 0) return;
    bytes += done;
    size -= done;
  }
}

void copy_size(int master) {
  winsize size{};
  if (ioctl(0, TIOCGWINSZ, &size) == 0) ioctl(master, TIOCSWINSZ, &size);
}

// Reaps everything that has ended; true when the awaited process is among it.
bool reap(pid_t pid, int& status) {
  bool found = false;
  for (;;) {
    int ended_status = 0;
    const pid_t ended = waitpid(-1, &ended_status, WNOHANG);
    if (ended <= 0) return found;
    if (ended != pid) continue;
    status = ended_status;
    found = true;
  }
}

// Everything but the child's end is handed to the process.
bool handle_signal(int signals, pid_t pid, int master, int& status) {
  signalfd_siginfo info{};
  if (read(signals, &info, sizeof info) != static_cast<ssize_t>(sizeof info)) return false;
  const int number = static_cast<int>(info.ssi_signo);
  if (number == SIGCHLD) return reap(pid, status);
  if (number == SIGWINCH && master >= 0) copy_size(master);
  else kill(pid, number);
  return false;
}

// What the process says, to the caller; false at its end.
bool relay_output(int master) {
  char bytes[4096];
  const ssize_t got = read(master, bytes, sizeof bytes);
  if (got <= 0) return got < 0 && errno == EINTR;
  write_all(1, bytes, got);
  return true;
}

// What the caller types. A process that does not read it must not keep us from reading what it
// says, which it may be waiting for.
struct Input {
  char bytes[4096];
  size_t start = 0, end = 0;
  bool open = true;

  bool waits() const { return start < end; }
  void read_some() {
    const ssize_t got = read(0, bytes, sizeof bytes);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
    open = got > 0;
    start = 0;
    end = open ? static_cast<size_t>(got) : 0;
  }
  void write_some(int master) {
    const ssize_t done = write(master, bytes + start, end - start);
    if (done > 0) start += static_cast<size_t>(done);
    else if (done < 0 && errno != EINTR && errno != EAGAIN) start = end;
  }
};

int serve(pid_t pid, int master, int signals) {
  Input input;
  input.open = master >= 0;
  if (master >= 0) fcntl(master, F_SETFL, O_NONBLOCK);
  bool output = master >= 0;
  int status = 0;
  for (bool ended = reap(pid, status); !ended;) {
    const short wanted = static_cast<short>(POLLIN | (input.waits() ? POLLOUT : 0));
    pollfd watched[3] = {{signals, POLLIN, 0},
                         {output ? master : -1, wanted, 0},
                         {input.open && !input.waits() ? 0 : -1, POLLIN, 0}};
    if (poll(watched, 3, -1) < 0 && errno != EINTR) break;
    if ((watched[1].revents & POLLOUT) != 0) input.write_some(master);
    if ((watched[1].revents & (POLLIN | POLLHUP)) != 0 && !relay_output(master))
      output = errno == EAGAIN;
    if ((watched[2].revents & (POLLIN | POLLHUP)) != 0) input.read_some();
    if (watched[0].revents != 0) ended = handle_signal(signals, pid, master, status);
  }
  while (master >= 0 && relay_output(master)) { // what the process wrote last
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

} // namespace

Status send_console(const std::string& socket_path, int master) {
  const auto socket = connect_unix("connect to console socket", socket_path);
  if (!socket) return std::unexpected(socket.error());
  // The content is the name of the file, as runc sends it.
  if (send_with_fd(socket->get(), "/dev/ptmx", master) < 0)
    return fail("send to console socket", socket_path);
  return {};
}

int attend_process(pid_t pid, int master) {
  sigset_t all, before;
  sigfillset(&all);
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTTIN, SIGTTOU, SIGURG})
    sigdelset(&all, number);
  sigprocmask(SIG_BLOCK, &all, &before);
  const Fd signals(signalfd(-1, &all, SFD_CLOEXEC));
  drop_view();
  termios saved{};
  const bool raw = master >= 0 && tcgetattr(0, &saved) == 0;
  if (raw) {
    termios changed = saved;
    cfmakeraw(&changed);
    changed.c_oflag |= OPOST | ONLCR;
    tcsetattr(0, TCSANOW, &changed);
    copy_size(master);
  }
  const int status = serve(pid, master, signals.get());
  if (raw) tcsetattr(0, TCSANOW, &saved);
  sigprocmask(SIG_SETMASK, &before, nullptr);
  return status;
}

Status write_pid_file(const std::string& path, pid_t pid) {
  return replace_file(path, std::to_string(pid), 0644);
}

} // namespace fairlead
