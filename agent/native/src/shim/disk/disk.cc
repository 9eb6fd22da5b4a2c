// The thread, and what goes to and fro. It shares memory with the loop's thread, but not the table
// of descriptors: the shim can end, and close what it has open, while this one waits in the kernel.
#include "shim/disk/disk.hh"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <utility>

#include "base/raw-syscall.hh"
#include "shim/loop/clock.hh"

namespace fairlead::shim {

namespace {

constexpr size_t STACK_BYTES = 64 * 1024;
constexpr int PATIENCE_MS = 20;
constexpr int MOST_DESCRIPTORS = 65'536;

// An end of a pipe or socket that stays open here would hide its closing from others.
void close_all_but(int kept) {
  const bool closed = raw_syscall(SYS_close_range, kept + 1, ~0U) == 0 &&
                      (kept == 0 || raw_syscall(SYS_close_range, 0, kept - 1) == 0);
  for (int fd = 0; !closed && fd < MOST_DESCRIPTORS; ++fd)
    if (fd != kept) raw_syscall(SYS_close, fd);
}

int serve(void* argument) {
  const int channel = static_cast<int>(reinterpret_cast<intptr_t>(argument));
  close_all_but(channel);
  Disk::Job* job = nullptr;
  do {
    if (job != nullptr) job->work(*job);
    const char done = 0;
    if (raw_syscall(SYS_write, channel, raw(&done), 1) != 1) return 0;
  } while (raw_syscall(SYS_read, channel, raw(&job), sizeof job) == sizeof job);
  return 0;
}

} // namespace

Disk::~Disk() {
  loop_.cancel(idle_timer_);
  if (channel_) loop_.remove(channel_.get());
}

void Disk::submit(std::shared_ptr<Job> job, Done done) {
  if (!channel_ && !begin_thread()) { // without one the loop has to wait
    job->work(*job);
    return done();
  }
  items_.push_back({std::move(job), std::move(done)});
  if (items_.size() == 1) hand_over();
}

bool Disk::settle() {
  const int64_t due = monotonic_ms() + (standing_ ? 0 : PATIENCE_MS);
  while (!items_.empty()) {
    const auto left = static_cast<int>(due - monotonic_ms());
    if (!take_back(left > 0 ? left : 0)) standing_ = true;
    if (standing_) break;
  }
  return items_.empty();
}

void Disk::when_idle(int64_t limit_ms, std::function<void()> then) {
  if (items_.empty()) return then();
  on_idle_ = std::move(then);
  idle_timer_ = loop_.after(limit_ms, [this] {
    idle_timer_ = 0;
    if (const auto call = std::exchange(on_idle_, nullptr)) call();
  });
}

bool Disk::begin_thread() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return false;
  Fd ours(ends[0]);
  const Fd theirs(ends[1]);
  void* const stack = ::mmap(nullptr, STACK_BYTES, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (stack == MAP_FAILED) return false;
  sigset_t all, before;
  ::sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, &before); // signals are the loop's
  constexpr int FLAGS = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
  const int thread = ::clone(serve, static_cast<char*>(stack) + STACK_BYTES, FLAGS,
                             reinterpret_cast<void*>(static_cast<intptr_t>(theirs.get())));
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  char ready;
  // Its first byte says that it has let go of the descriptors of others.
  if (thread < 0 || ::recv(ours.get(), &ready, 1, 0) != 1) {
    ::munmap(stack, STACK_BYTES);
    return false;
  }
  const auto handler = [this](uint32_t) { (void)take_back(0); };
  if (!loop_.add(ours.get(), EPOLLIN, handler)) return false;
  channel_ = std::move(ours);
  return true;
}

void Disk::hand_over() {
  const Job* const job = items_.front().job.get();
  (void)!::write(channel_.get(), &job, sizeof job);
}

bool Disk::take_back(int wait_ms) {
  pollfd wait{channel_.get(), POLLIN, 0};
  char byte;
  if (::poll(&wait, 1, wait_ms) != 1 || ::recv(channel_.get(), &byte, 1, MSG_DONTWAIT) != 1)
    return false;
  standing_ = false;
  const Item done = std::move(items_.front());
  items_.pop_front();
  if (!items_.empty()) hand_over();
  done.done();
  check_idle();
  return true;
}

void Disk::check_idle() {
  if (!on_idle_ || !items_.empty()) return;
  loop_.cancel(idle_timer_);
  loop_.defer(std::exchange(on_idle_, nullptr));
}

} // namespace fairlead::shim
