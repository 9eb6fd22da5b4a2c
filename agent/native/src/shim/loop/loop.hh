// The one event loop of a shim: descriptors and deadlines. Of threads there is one more, see disk/.
// Handlers may add and remove anything, themselves included, while they run.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/error.hh"
#include "base/fd.hh"

namespace fairlead::shim {

class Loop {
public:
  using Handler = std::function<void(uint32_t events)>; // events of epoll_ctl(2)
  using Task = std::function<void()>;
  using Timer = uint64_t; // 0 is no timer

  static Result<std::unique_ptr<Loop>> create();

  // Watches fd, which stays the caller's; remove() must come before its close.
  Status add(int fd, uint32_t events, Handler handler);
  void change(int fd, uint32_t events);
  void remove(int fd);

  Timer after(int64_t delay_ms, Task task);
  void cancel(Timer& timer); // sets it to 0; a timer that is 0 or gone is fine
  // Runs once the handlers of this turn have returned: the place to destroy their owners.
  void defer(Task task);

  // Runs a while after something has happened, then not again before more has; never often.
  void afterwards(Task task) { afterwards_ = std::move(task); }

  // Let that be the next time, since what has kept the loop busy will be over.
  void calm_after(int64_t delay_ms);

  void run(); // until stop()
  void stop() { running_ = false; }

private:
  struct Entry {
    Handler handler;
    uint32_t generation;
    uint32_t events;
  };
  explicit Loop(Fd epoll) : epoll_(std::move(epoll)) {}
  int timeout_ms() const;
  void run_afterwards();
  void dispatch(uint64_t key, uint32_t events);
  void run_due();
  void run_deferred();

  Fd epoll_;
  bool running_ = false;
  bool stirred_ = true;
  int64_t afterwards_due_ = 0;
  uint32_t generation_ = 0;
  Timer last_timer_ = 0;
  std::unordered_map<int, std::shared_ptr<Entry>> entries_;
  std::map<std::pair<int64_t, Timer>, Task> deadlines_;
  std::unordered_map<Timer, int64_t> timers_;
  std::vector<Task> deferred_;
  Task afterwards_;
};

} // namespace fairlead::shim
