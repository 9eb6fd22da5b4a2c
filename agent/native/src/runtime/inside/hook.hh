// One hook, run to its end with `state` as stdin.
#pragma once
#include "runtime/inside/plan.hh"

namespace fairlead::inside {

struct Outcome {
  bool good = false;
  int code = 0; // errno, 0 when the hook itself failed
  const char* step = "run hook";
  char detail[320] = {}; // how it ended, and the beginning of what it said
};
Outcome call_hook(const HookStep& hook, int state);
bool run_hook(const HookStep& hook, int state); // records what broke

} // namespace fairlead::inside
