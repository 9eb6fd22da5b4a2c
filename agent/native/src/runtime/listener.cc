// Handing over of seccomp listeners. The process itself cannot do so: the filter may hold up any
// call that sending takes.
#include "runtime/listener.hh"

#include <limits.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>

#include "base/json-text.hh"
#include "base/unix-socket.hh"
#include "runtime/inside/report.hh"

#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif

namespace fairlead {

namespace {

constexpr int TRIES = 260; // of 1 to 20 ms, 5 s in all
constexpr int64_t LONGEST_PAUSE_MS = 20;

bool is_listener(const Fd& fd) {
  char target[64] = {};
  const std::string link = "/proc/self/fd/" + std::to_string(fd.get());
  return readlink(link.c_str(), target, sizeof target - 1) > 0 &&
         strcmp(target, "anon_inode:seccomp notify") == 0;
}

// The number is announced before the filter is there.
Async<Result<Fd>> take_listener(Waiter& waiter, pid_t pid, int number) {
  const Fd process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!process) co_return fail("open process", std::to_string(pid));
  for (int tries = 1; tries <= TRIES && !waiter.over(); ++tries) {
    Fd fd(static_cast<int>(syscall(SYS_pidfd_getfd, process.get(), number, 0)));
    if (fd && is_listener(fd)) co_return fd;
    if (!fd && errno != EBADF) co_return fail("take seccomp listener from process");
    co_await waiter.pause(std::min<int64_t>(tries, LONGEST_PAUSE_MS));
  }
  co_return refuse("take seccomp listener from process", "it did not appear within 5 s");
}

Async<Status> send_listener(Waiter& waiter, const Listener& listener, const Fd& fd) {
  const char* step = "connect to seccomp listener";
  auto out = connect_unix(step, listener.path, SOCK_NONBLOCK);
  for (int tries = 1; !out && out.error().code == EAGAIN && tries <= TRIES; ++tries) {
    if (waiter.over()) break;
    co_await waiter.pause(std::min<int64_t>(tries, LONGEST_PAUSE_MS));
    out = connect_unix(step, listener.path, SOCK_NONBLOCK);
  }
  if (!out) co_return std::unexpected(out.error());
  const std::string& text = listener.state;
  if (send_with_fd(out->get(), text, fd.get()) != static_cast<ssize_t>(text.size()))
    co_return fail("send to seccomp listener", listener.path);
  co_return Status{};
}

Status open_gate(const Fd& gate) {
  void* page = mmap(nullptr, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED, gate.get(), 0);
  if (page == MAP_FAILED) return fail("map gate");
  static_cast<std::atomic<int>*>(page)->store(1, std::memory_order_release);
  munmap(page, sizeof(int));
  return {};
}

} // namespace

std::string process_state_json(pid_t pid, const std::string& metadata,
                               const std::string& container) {
  return "{\"ociVersion\":\"1.3.0\",\"fds\":[\"seccompFd\"],\"pid\":" + std::to_string(pid) +
         ",\"metadata\":" + quoted(metadata) + ",\"state\":" + container + "}";
}

Async<Status> hand_over_listener(Waiter& waiter, const Listener& listener, pid_t pid, int number,
                                 const Fd& gate) {
  const auto fd = co_await take_listener(waiter, pid, number);
  if (!fd) co_return std::unexpected(fd.error());
  const Status sent = co_await send_listener(waiter, listener, *fd);
  co_return sent ? open_gate(gate) : sent;
}

} // namespace fairlead
