// Closing what a program must not inherit: close_range(2), and one by one for older kernels. Runs
// between clone and exec: no allocation.
#include "runtime/inside/descriptors.hh"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace fairlead::inside {

namespace {

// The usual limit of open files is far below; ours are opened in order from the lowest free one.
constexpr unsigned HIGHEST = 65536;
constexpr unsigned CLOSE_ON_EXEC = 4; // CLOSE_RANGE_CLOEXEC, Linux 5.11

} // namespace

void close_between(unsigned first, unsigned last) {
  if (first > last || syscall(SYS_close_range, first, last, 0) == 0) return;
  for (unsigned fd = first; fd <= last && fd < HIGHEST; ++fd) close(static_cast<int>(fd));
}

void close_on_exec_from(unsigned first) {
  if (syscall(SYS_close_range, first, ~0U, CLOSE_ON_EXEC) == 0) return;
  for (unsigned fd = first; fd < HIGHEST; ++fd) fcntl(static_cast<int>(fd), F_SETFD, FD_CLOEXEC);
}

} // namespace fairlead::inside
