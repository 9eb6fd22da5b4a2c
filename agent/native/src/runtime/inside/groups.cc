// Entering the cgroups of version 1, one by one and by oneself. Runs between clone and exec: no
// allocation.
#include "runtime/inside/groups.hh"

#include <unistd.h>

#include <cerrno>

#include "base/fd.hh"
#include "runtime/inside/report.hh"

namespace fairlead::inside {

bool enter_group(int entrance) { return write(entrance, "0", 1) == 1; }

bool enter_groups(int channel) {
  std::span<const int> groups;
  if (!await_groups(channel, &groups)) return broke("wait for cgroups");
  for (const int entrance : groups) {
    const Fd owned(entrance);
    if (!enter_group(entrance)) return broke("enter cgroup");
  }
  return true;
}

} // namespace fairlead::inside
