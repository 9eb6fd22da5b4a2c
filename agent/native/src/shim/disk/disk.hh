// Work on files whose disk may stand still, be it frozen for a snapshot or behind a network that is
// gone: a thread of its own does it, so that the loop need not wait. One piece comes after the
// other.
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>

#include "base/fd.hh"
#include "shim/loop/loop.hh"

namespace fairlead::shim {

class Disk {
public:
  // What the thread carries out. It may make raw system calls (base/raw-syscall.hh) and touch the
  // job; the C library does not know this thread, which has no errno and must not allocate.
  struct Job {
    using Work = void (*)(Job& job);
    explicit Job(Work how) : work(how) {}
    Work work;
  };
  using Done = std::function<void()>;

  explicit Disk(Loop& loop) : loop_(loop) {}
  ~Disk();

  // `done` is called once it has been carried out.
  void submit(std::shared_ptr<Job> job, Done done);
  // Gives what has been submitted a moment, in which all but a disk that stands still is done;
  // false when it goes on by itself. While the disk is known to stand still there is no such
  // moment.
  bool settle();
  // Calls back when nothing is left to be done, or after limit_ms.
  void when_idle(int64_t limit_ms, std::function<void()> then);

private:
  struct Item {
    std::shared_ptr<Job> job;
    Done done;
  };
  bool begin_thread();
  void hand_over();
  bool take_back(int wait_ms);
  void check_idle();

  Loop& loop_;
  Fd channel_; // to the thread: the address of a job; from it: one byte when that is done
  bool standing_ = false;
  std::deque<Item> items_; // the first is the thread's
  std::function<void()> on_idle_;
  Loop::Timer idle_timer_ = 0;
};

} // namespace fairlead::shim
