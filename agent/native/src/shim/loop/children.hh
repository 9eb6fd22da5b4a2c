// The children of a shim: reaps every one and tells who waits for it how it ended.
#pragma once
#include <sys/types.h>

#include <functional>
#include <optional>
#include <unordered_map>

namespace fairlead::shim {

class Children {
public:
  using Ended = std::function<void(int wait_status)>;

  // Calls back once, when the child has ended; at once when it has been reaped already.
  void expect(pid_t child, Ended ended);
  void forget(pid_t child) { expected_.erase(child); }
  // The wait status of a child that has been reaped before anybody expected it.
  std::optional<int> take(pid_t child);
  // Reaps all that have ended; to be called at SIGCHLD.
  void reap();

  // While one exists, a process is being made whose number nobody knows yet: what ends meanwhile
  // is remembered.
  class Birth {
  public:
    explicit Birth(Children& children) : children_(children) { ++children_.births_; }
    ~Birth() {
      if (--children_.births_ == 0) children_.unclaimed_.clear();
    }
    Birth(const Birth&) = delete;
    Birth& operator=(const Birth&) = delete;

  private:
    Children& children_;
  };

private:
  std::unordered_map<pid_t, Ended> expected_;
  std::unordered_map<pid_t, int> unclaimed_;
  int births_ = 0;
};

} // namespace fairlead::shim
