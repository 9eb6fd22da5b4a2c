// Plans the streams of a process.
#include "runtime/stdio.hh"

#include <fcntl.h>

#include "runtime/prepared.hh"

namespace fairlead {

Status plan_stdio(const Stdio& stdio, bool terminal, Prepared& out) {
  inside::Plan& plan = out.plan;
  plan.terminal = terminal;
  plan.rows = stdio.rows;
  plan.cols = stdio.cols;
  plan.plain_newlines = stdio.plain_newlines;
  int* const targets[] = {&plan.in, &plan.out, &plan.err};
  const int given[] = {stdio.in, stdio.out, stdio.err};
  int null = -1;
  for (int slot = 0; slot < 3; ++slot) {
    if (!terminal && given[slot] >= 0) {
      *targets[slot] = given[slot];
      continue;
    }
    if (null < 0) {
      Fd fd(open("/dev/null", O_RDWR | O_CLOEXEC));
      if (!fd) return fail("open", "/dev/null");
      null = out.hold(std::move(fd));
    }
    *targets[slot] = null;
  }
  return {};
}

} // namespace fairlead
