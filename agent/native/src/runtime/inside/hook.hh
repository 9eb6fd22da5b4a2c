// One hook, run with `state` as stdin: by the parent, and between clone and exec.
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/fd.hh"
#include "runtime/inside/plan.hh"

namespace fairlead::inside {

struct Outcome {
  bool good = false;
  int code = 0; // errno, 0 when the hook itself failed
  const char* step = "run hook";
  char detail[320] = {}; // how it ended, and the beginning of what it said
};

class RunningHook {
public:
  // False with errno. The parent's way hears of the end by `exit_signal`, or by the pidfd alone.
  bool start(const HookStep& hook, int state, int exit_signal);
  // Reads what the hook says, as far as it fits; the rest is forgotten, so that nobody waits for
  // it.
  void listen();
  int64_t left_ms() const; // of its time
  Outcome outcome(int status, bool late) const;

  pid_t pid = -1;
  Fd process; // a pidfd
  Fd output;  // gone when the hook has closed it

private:
  int64_t due_ms_ = 0;
  char said_[240] = {};
  size_t length_ = 0;
};

bool run_hook(const HookStep& hook, int state); // to its end; records what broke

} // namespace fairlead::inside
