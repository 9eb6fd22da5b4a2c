// Descriptors, timers and children of the loop, as a coroutine awaits them.
#include "shim/loop/loop-waiter.hh"

#include <signal.h>
#include <sys/epoll.h>

#include <algorithm>

#include "shim/loop/clock.hh"

namespace fairlead::shim {

namespace {

// A killed process that the kernel does not let go of is left to itself.
constexpr int64_t REAP_MS = 2000;

} // namespace

LoopWaiter::LoopWaiter(Loop& loop, Children& children, int64_t time_ms)
    : loop_(loop), children_(children), birth_(children), due_ms_(monotonic_ms() + time_ms) {}

LoopWaiter::~LoopWaiter() { stop_watching(); }

bool LoopWaiter::over() const { return monotonic_ms() >= due_ms_; }

void LoopWaiter::call_off() {
  due_ms_ = 0;
  if (wait_ == nullptr) return;
  loop_.cancel(timer_);
  timer_ = loop_.after(0, [this] { wake(-1); });
}

bool LoopWaiter::suspend(Readable& wait, std::coroutine_handle<> then) {
  const int64_t left = due_ms_ - monotonic_ms();
  if (left <= 0) return false;
  wait_ = &wait;
  then_ = then;
  for (int i = 0; i < 2; ++i) {
    if (wait.fds[i] < 0) continue;
    const auto handler = [this, i](uint32_t) { wake(i); };
    if (loop_.add(wait.fds[i], EPOLLIN, handler)) continue;
    stop_watching();
    return false;
  }
  timer_ = loop_.after(std::min(left, wait.limit_ms), [this] { wake(-1); });
  return true;
}

bool LoopWaiter::suspend(Ended& wait, std::coroutine_handle<> then) {
  if (const auto status = children_.take(wait.child)) {
    wait.status = *status;
    return false;
  }
  ended_ = &wait;
  then_ = then;
  const auto finish = [this](int status) {
    loop_.cancel(timer_);
    children_.forget(ended_->child);
    std::exchange(ended_, nullptr)->status = status;
    std::exchange(then_, nullptr).resume();
  };
  children_.expect(wait.child, finish);
  timer_ = loop_.after(REAP_MS, [finish] { finish(SIGKILL); });
  return true;
}

void LoopWaiter::wake(int outcome) {
  wait_->outcome = outcome;
  stop_watching();
  std::exchange(then_, nullptr).resume(); // which may destroy this
}

void LoopWaiter::stop_watching() {
  loop_.cancel(timer_);
  if (ended_ != nullptr) children_.forget(ended_->child);
  ended_ = nullptr;
  if (wait_ == nullptr) return;
  for (const int fd : wait_->fds)
    if (fd >= 0) loop_.remove(fd);
  wait_ = nullptr;
}

} // namespace fairlead::shim
