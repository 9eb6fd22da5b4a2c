// Handing over of seccomp listeners. The process itself cannot do so: the filter may hold up any
// call that sending takes.
#include "runtime/listener.hh"

#include <limits.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

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

constexpr int TRIES = 5000; // of 1 ms

bool is_listener(const Fd& fd) {
  char target[64] = {};
  const std::string link = "/proc/self/fd/" + std::to_string(fd.get());
  return readlink(link.c_str(), target, sizeof target - 1) > 0 &&
         strcmp(target, "anon_inode:seccomp notify") == 0;
}

// The number is announced before the filter is there.
Result<Fd> take_listener(pid_t pid, int number) {
  const Fd process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!process) return fail("open process", std::to_string(pid));
  for (int tries = 0; tries < TRIES; ++tries) {
    Fd fd(static_cast<int>(syscall(SYS_pidfd_getfd, process.get(), number, 0)));
    if (fd && is_listener(fd)) return fd;
    if (!fd && errno != EBADF) return fail("take seccomp listener from process");
    const timespec pause{0, 1'000'000};
    nanosleep(&pause, nullptr);
  }
  return refuse("take seccomp listener from process", "it did not appear within 5 s");
}

Status send_listener(const Listener& listener, const Fd& fd) {
  const auto out = connect_unix("connect to seccomp listener", listener.path);
  if (!out) return std::unexpected(out.error());
  const std::string& text = listener.state;
  if (send_with_fd(out->get(), text, fd.get()) != static_cast<ssize_t>(text.size()))
    return fail("send to seccomp listener", listener.path);
  return {};
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

Status hand_over_listener(const Listener& listener, pid_t pid, int number, const Fd& gate) {
  const auto fd = take_listener(pid, number);
  if (!fd) return std::unexpected(fd.error());
  if (Status done = send_listener(listener, *fd); !done) return done;
  return open_gate(gate);
}

} // namespace fairlead
