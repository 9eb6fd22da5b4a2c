// Entering the cgroups of version 1, one by one and by oneself. Runs between clone and exec: no
// allocation.
#include <unistd.h>

#include <cerrno>

#include "runtime/inside/report.hh"
#include "runtime/inside/steps.hh"

namespace fairlead::inside {

bool enter_group(int entrance) { return write(entrance, "0", 1) == 1; }

bool enter_groups(int channel) {
  if (!send_word(channel, Word::kGroups)) return broke("ask for cgroups");
  for (;;) {
    const int group = await_group(channel);
    if (group == -1) return true;
    if (group < 0) return broke("wait for cgroups");
    const bool entered = enter_group(group);
    if (!entered) broke("enter cgroup");
    close(group);
    if (!entered) return false;
  }
}

} // namespace fairlead::inside
