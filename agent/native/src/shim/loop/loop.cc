// epoll with handlers, and deadlines through its timeout.
#include "shim/loop/loop.hh"

#include <sys/epoll.h>

#include <algorithm>

#include "shim/loop/clock.hh"

namespace fairlead::shim {

namespace {

constexpr int BATCH = 32;
constexpr int64_t LONGEST_WAIT_MS = 3'600'000;
constexpr int64_t FIRST_AFTERWARDS_MS = 1000;
constexpr int64_t AFTERWARDS_MS = 5000;

// A descriptor number can be reused within one batch; the generation tells a stale event.
uint64_t key_of(int fd, uint32_t generation) {
  return (static_cast<uint64_t>(generation) << 32) | static_cast<uint32_t>(fd);
}

} // namespace

Result<std::unique_ptr<Loop>> Loop::create() {
  Fd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) return fail("epoll_create1");
  return std::unique_ptr<Loop>(new Loop(std::move(epoll)));
}

Status Loop::add(int fd, uint32_t events, Handler handler) {
  const uint32_t generation = ++generation_;
  epoll_event event{};
  event.events = events;
  event.data.u64 = key_of(fd, generation);
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) return fail("epoll_ctl add");
  entries_[fd] = std::make_shared<Entry>(Entry{std::move(handler), generation, events});
  return {};
}

void Loop::change(int fd, uint32_t events) {
  const auto found = entries_.find(fd);
  if (found == entries_.end() || found->second->events == events) return;
  epoll_event event{};
  event.events = events;
  event.data.u64 = key_of(fd, found->second->generation);
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) == 0) found->second->events = events;
}

void Loop::remove(int fd) {
  if (entries_.erase(fd) != 0) ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

Loop::Timer Loop::after(int64_t delay_ms, Task task) {
  const Timer timer = ++last_timer_;
  const int64_t due = monotonic_ms() + std::max<int64_t>(delay_ms, 0);
  deadlines_.emplace(std::pair{due, timer}, std::move(task));
  timers_.emplace(timer, due);
  return timer;
}

void Loop::cancel(Timer& timer) {
  const auto found = timers_.find(std::exchange(timer, 0));
  if (found == timers_.end()) return;
  deadlines_.erase({found->second, found->first});
  timers_.erase(found);
}

void Loop::defer(Task task) { deferred_.push_back(std::move(task)); }

void Loop::calm_after(int64_t delay_ms) {
  stirred_ = true;
  afterwards_due_ = monotonic_ms() + delay_ms;
}

void Loop::run() {
  running_ = true;
  afterwards_due_ = monotonic_ms() + FIRST_AFTERWARDS_MS;
  epoll_event events[BATCH];
  while (running_) {
    const int count = ::epoll_wait(epoll_.get(), events, BATCH, timeout_ms());
    if (count > 0) stirred_ = true;
    for (int i = 0; i < count; ++i) dispatch(events[i].data.u64, events[i].events);
    run_due();
    run_deferred();
    run_afterwards();
  }
}

int Loop::timeout_ms() const {
  if (!deferred_.empty()) return 0;
  if (deadlines_.empty() && !stirred_) return -1;
  int64_t due = stirred_ ? afterwards_due_ : INT64_MAX;
  if (!deadlines_.empty()) due = std::min(due, deadlines_.begin()->first.first);
  const int64_t left = due - monotonic_ms();
  return static_cast<int>(std::clamp<int64_t>(left, 0, LONGEST_WAIT_MS));
}

void Loop::dispatch(uint64_t key, uint32_t events) {
  const auto found = entries_.find(static_cast<int>(key & 0xffffffff));
  if (found == entries_.end() || found->second->generation != key >> 32) return;
  const std::shared_ptr<Entry> entry = found->second; // outlives its own removal
  entry->handler(events);
}

void Loop::run_due() {
  const int64_t now = monotonic_ms();
  while (!deadlines_.empty() && deadlines_.begin()->first.first <= now) {
    auto node = deadlines_.extract(deadlines_.begin());
    timers_.erase(node.key().second);
    stirred_ = true;
    node.mapped()();
  }
}

void Loop::run_afterwards() {
  const int64_t now = monotonic_ms();
  if (!stirred_ || now < afterwards_due_) return;
  stirred_ = false;
  afterwards_due_ = now + AFTERWARDS_MS;
  if (afterwards_) afterwards_();
}

void Loop::run_deferred() {
  std::vector<Task> tasks;
  tasks.swap(deferred_);
  for (Task& task : tasks) task();
}

} // namespace fairlead::shim
