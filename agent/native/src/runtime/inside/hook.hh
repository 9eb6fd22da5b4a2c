// One hook, run to its end with `state` as stdin.
#pragma once
#include "runtime/inside/plan.hh"

namespace fairlead::inside {

struct Outcome {
  bool good;
  int code;           // errno, 0 when the hook itself failed
  const char* step;
  const char* detail; // "" or why
};
Outcome call_hook(const HookStep& hook, int state);
bool run_hook(const HookStep& hook, int state); // records what broke

} // namespace fairlead::inside
