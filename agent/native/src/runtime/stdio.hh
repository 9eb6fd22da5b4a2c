// What becomes descriptors 0, 1 and 2 of a process, or its terminal.
#pragma once
#include <cstdint>

#include "base/error.hh"

namespace fairlead {

struct Prepared;

// The descriptors stay owned by the caller. -1 means /dev/null. With `terminal` they are not used:
// the runtime opens a pty in the container's devpts, makes it the controlling terminal (and
// /dev/console of init) and returns the master.
struct Stdio {
  int in = -1, out = -1, err = -1;
  bool terminal = false;
  uint16_t rows = 0, cols = 0;
  bool plain_newlines = false; // the pty adds no carriage returns: what shows its output does
};

Status plan_stdio(const Stdio& stdio, bool terminal, Prepared& out);

} // namespace fairlead
