// How an Async function waits for what others do: a command line on the spot, a shim by its loop.
#pragma once
#include <sys/types.h>

#include <array>
#include <coroutine>
#include <cstdint>

namespace fairlead {

// One waiter serves one operation, which waits for one thing at a time.
class Waiter {
public:
  static constexpr int64_t NO_LIMIT_MS = INT64_MAX;

  struct Readable { // awaiting it gives the index of a descriptor, or -1 when there is no more time
    Waiter& waiter;
    std::array<int, 2> fds; // a number below 0 stands for none
    int64_t limit_ms;
    int outcome = -1;
    bool await_ready() const { return false; }
    bool await_suspend(std::coroutine_handle<> then) { return waiter.suspend(*this, then); }
    int await_resume() const { return outcome; }
  };
  struct Ended { // awaiting it gives the wait status
    Waiter& waiter;
    pid_t child;
    int status = 0;
    bool await_ready() const { return false; }
    bool await_suspend(std::coroutine_handle<> then) { return waiter.suspend(*this, then); }
    int await_resume() const { return status; }
  };

  virtual ~Waiter() = default;

  // Until one of them can be read or is closed; at most limit_ms, and never past the operation's
  // own time.
  Readable readable(int fd, int other = -1, int64_t limit_ms = NO_LIMIT_MS) {
    return {*this, {fd, other}, limit_ms};
  }
  Readable pause(int64_t ms) { return {*this, {-1, -1}, ms}; }
  // Until a child that has ended, or has been killed, is reaped. Does not end with the time.
  Ended ended(pid_t child) { return {*this, child}; }
  // Whether the operation's time is over, or it was called off.
  virtual bool over() const = 0;

protected:
  // Returns false when what was awaited has come already.
  virtual bool suspend(Readable& wait, std::coroutine_handle<> then) = 0;
  virtual bool suspend(Ended& wait, std::coroutine_handle<> then) = 0;
};

// Waits on the spot.
class BlockingWaiter : public Waiter {
public:
  explicit BlockingWaiter(int64_t time_ms);
  bool over() const override;

protected:
  bool suspend(Readable& wait, std::coroutine_handle<> then) override;
  bool suspend(Ended& wait, std::coroutine_handle<> then) override;

private:
  int64_t due_ms_;
};

} // namespace fairlead
