// Entering the cgroups of version 1, one by one and by oneself. Runs between clone and exec: no
// allocation.
#include <unistd.h>

#include <cerrno>

#include "base/unix-socket.hh"
#include "runtime/inside/report.hh"
#include "runtime/inside/steps.hh"

namespace fairlead::inside {

bool enter_group(int entrance) { return write(entrance, "0", 1) == 1; }

bool enter_groups(int channel) {
  if (!send_word(channel, Word::kGroups)) return broke("ask for cgroups");
  int groups[kMostFds];
  const int count = await_groups(channel, groups);
  if (count < 0) return broke("wait for cgroups");
  for (int at = 0; at < count; ++at) {
    if (!enter_group(groups[at])) return broke("enter cgroup");
    close(groups[at]);
  }
  return true;
}

} // namespace fairlead::inside
