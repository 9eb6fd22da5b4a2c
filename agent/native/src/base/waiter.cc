// Waiting by poll(2) and waitpid(2).
#include "base/waiter.hh"

#include <poll.h>
#include <sys/wait.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <climits>

namespace fairlead {

namespace {

int64_t now_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

} // namespace

BlockingWaiter::BlockingWaiter(int64_t time_ms) : due_ms_(now_ms() + time_ms) {}

bool BlockingWaiter::over() const { return now_ms() >= due_ms_; }

bool BlockingWaiter::suspend(Readable& wait, std::coroutine_handle<>) {
  pollfd fds[] = {{wait.fds[0], POLLIN, 0}, {wait.fds[1], POLLIN, 0}};
  const int64_t left = std::min(wait.limit_ms, std::max<int64_t>(due_ms_ - now_ms(), 0));
  int ready;
  do ready = ::poll(fds, 2, static_cast<int>(std::min<int64_t>(left, INT_MAX)));
  while (ready < 0 && errno == EINTR);
  wait.outcome = ready <= 0 ? -1 : fds[0].revents != 0 ? 0 : 1;
  return false;
}

bool BlockingWaiter::suspend(Ended& wait, std::coroutine_handle<>) {
  while (::waitpid(wait.child, &wait.status, __WALL) < 0 && errno == EINTR) {
  }
  return false;
}

} // namespace fairlead
