// fork, exec, wait with a deadline; and descriptors over unix sockets.
#include "shim/execution/command.hh"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "base/unix-socket.hh"

namespace fairlead::shim {

namespace {

constexpr off_t MOST_OUTPUT = 4096;
constexpr int EXEC_FAILED = 127;
const char* const ENVIRONMENT[] = {
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C",
    nullptr};

Result<Fd> memory_file(const std::string& text) {
  Fd file(::memfd_create("command", MFD_CLOEXEC));
  if (!file) return fail("memfd_create");
  if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return fail("write memory file");
  ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

// In the child. A program that is not there shows as its exit code, as in a shell.
[[noreturn]] void become(const Command& command, const std::vector<char*>& argv, const int* stdio) {
  // A runtime that signals its own process group must not reach the shim.
  ::setpgid(0, 0);
  int kept[3];
  for (int slot = 0; slot < 3; ++slot) kept[slot] = ::fcntl(stdio[slot], F_DUPFD_CLOEXEC, 3);
  for (int slot = 0; slot < 3; ++slot) ::dup2(kept[slot], slot);
  for (const int fd : command.passed) ::fcntl(fd, F_SETFD, 0);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (command.group != nullptr && !command.group->attach(::getpid())) ::_exit(126);
  ::execve(argv[0], argv.data(), const_cast<char* const*>(ENVIRONMENT));
  ::_exit(EXEC_FAILED);
}

Result<pid_t> start(const Command& command, int in, int out) {
  std::vector<char*> argv;
  for (const std::string& word : command.argv) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  if (::access(argv[0], X_OK) != 0) return fail("find runtime", argv[0]);
  const int stdio[] = {command.in >= 0 ? command.in : in, command.out >= 0 ? command.out : out,
                       command.err >= 0 ? command.err : out};
  const pid_t pid = ::fork();
  if (pid < 0) return fail("fork");
  if (pid == 0) become(command, argv, stdio);
  return pid;
}

std::string tail_of(int file) {
  const off_t size = ::lseek(file, 0, SEEK_END);
  const off_t from = std::max<off_t>(0, size - MOST_OUTPUT);
  std::string text(static_cast<size_t>(std::max<off_t>(0, size - from)), '\0');
  const ssize_t got = ::pread(file, text.data(), text.size(), from);
  text.resize(got > 0 ? static_cast<size_t>(got) : 0);
  return text;
}

Result<Fd> receive_fd(int peer) {
  char name[4096];
  iovec part{name, sizeof name};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  if (::recvmsg(peer, &header, MSG_CMSG_CLOEXEC) < 0) return fail("receive terminal");
  const cmsghdr* rights = CMSG_FIRSTHDR(&header);
  if (rights == nullptr || rights->cmsg_level != SOL_SOCKET || rights->cmsg_type != SCM_RIGHTS)
    return refuse("receive terminal", "the message brings no descriptor");
  int fd = -1;
  std::memcpy(&fd, CMSG_DATA(rights), sizeof fd);
  return Fd(fd);
}

} // namespace

Async<Result<Answer>> run(Waiter& waiter, const Command& command) {
  const auto in = memory_file(command.input);
  if (!in) co_return std::unexpected(in.error());
  const auto out = memory_file("");
  if (!out) co_return std::unexpected(out.error());
  const auto pid = start(command, in->get(), out->get());
  if (!pid) co_return std::unexpected(pid.error());
  const Fd handle(static_cast<int>(::syscall(SYS_pidfd_open, *pid, 0)));
  int come = -1;
  if (handle) come = co_await waiter.readable(handle.get(), -1, command.timeout_ms);
  const bool in_time = come >= 0;
  if (!in_time) {
    ::kill(-*pid, SIGKILL);
    ::kill(*pid, SIGKILL);
  }
  Answer answer;
  answer.wait_status = co_await waiter.ended(*pid);
  if (!in_time) co_return std::unexpected(Error{"run", ETIMEDOUT, command.argv[0], {}});
  answer.output = tail_of(out->get());
  co_return answer;
}

Result<pid_t> spawn(const Command& command) {
  const Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null) return fail("open", "/dev/null");
  return start(command, null.get(), null.get());
}

Result<FdInbox> FdInbox::open(std::string path) {
  const auto address = unix_address("open console socket", path);
  if (!address) return std::unexpected(address.error());
  ::unlink(path.c_str());
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return fail("open console socket");
  const mode_t before = ::umask(0077);
  const int bound = ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address);
  ::umask(before);
  if (bound != 0 || ::listen(fd.get(), 1) != 0) return fail("open console socket", path);
  return FdInbox(std::move(path), std::move(fd));
}

FdInbox::~FdInbox() {
  if (fd_) ::unlink(path_.c_str());
}

Async<Result<Fd>> FdInbox::take(Waiter& waiter, int64_t timeout_ms) const {
  int come = co_await waiter.readable(fd_.get(), -1, timeout_ms);
  if (come < 0) co_return refuse("receive terminal", "nobody sent one");
  const Fd peer(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!peer) co_return fail("accept", path_);
  come = co_await waiter.readable(peer.get(), -1, timeout_ms);
  if (come < 0) co_return refuse("receive terminal", "nobody sent one");
  co_return receive_fd(peer.get());
}

} // namespace fairlead::shim
