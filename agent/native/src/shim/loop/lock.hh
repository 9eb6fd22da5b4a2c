// Lets operations that wait come one after the other, in the order in which they asked.
#pragma once
#include <coroutine>
#include <deque>

#include "shim/loop/loop.hh"

namespace fairlead::shim {

class Lock {
public:
  explicit Lock(Loop& loop) : loop_(loop) {}

  struct Acquired { // awaiting it takes the lock
    Lock& lock;
    bool await_ready() {
      if (lock.held_) return false;
      return lock.held_ = true;
    }
    void await_suspend(std::coroutine_handle<> then) { lock.waiting_.push_back(then); }
    void await_resume() {}
  };
  Acquired acquire() { return {*this}; }

  void release() {
    if (waiting_.empty()) {
      held_ = false;
      return;
    }
    const std::coroutine_handle<> next = waiting_.front();
    waiting_.pop_front();
    loop_.defer([next] { next.resume(); });
  }

private:
  Loop& loop_;
  bool held_ = false;
  std::deque<std::coroutine_handle<>> waiting_;
};

} // namespace fairlead::shim
