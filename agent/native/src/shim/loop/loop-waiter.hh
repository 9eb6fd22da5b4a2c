// Waiting that leaves the loop free for everything else: one operation of a shim, with its time.
#pragma once
#include "base/waiter.hh"
#include "shim/loop/children.hh"
#include "shim/loop/loop.hh"

namespace fairlead::shim {

class LoopWaiter : public Waiter {
public:
  LoopWaiter(Loop& loop, Children& children, int64_t time_ms);
  ~LoopWaiter() override;
  LoopWaiter(const LoopWaiter&) = delete;
  LoopWaiter& operator=(const LoopWaiter&) = delete;

  bool over() const override;
  // Ends the operation's time now; who waits is woken before the loop sleeps again.
  void call_off();

protected:
  bool suspend(Readable& wait, std::coroutine_handle<> then) override;
  bool suspend(Ended& wait, std::coroutine_handle<> then) override;

private:
  void wake(int outcome);
  void stop_watching();

  Loop& loop_;
  Children& children_;
  Children::Birth birth_;
  int64_t due_ms_;
  Readable* wait_ = nullptr;
  Ended* ended_ = nullptr;
  std::coroutine_handle<> then_;
  Loop::Timer timer_ = 0;
};

} // namespace fairlead::shim
