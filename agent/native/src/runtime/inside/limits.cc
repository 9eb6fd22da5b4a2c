// Resource limits. Runs between clone and exec, and in the parent: no allocation.
#include "runtime/inside/limits.hh"

#include <sys/resource.h>

#include <cerrno>

#include "runtime/inside/report.hh"

namespace fairlead::inside {

bool raise_limits(pid_t pid, List<LimitStep> limits) {
  for (const LimitStep& limit : limits) {
    rlimit64 value{};
    const auto type = static_cast<__rlimit_resource>(limit.type);
    if (prlimit64(pid, type, nullptr, &value) < 0) return broke("read resource limit", limit.name);
    if (limit.hard <= value.rlim_max) continue;
    value.rlim_max = limit.hard;
    if (prlimit64(pid, type, &value, nullptr) < 0) return broke("raise resource limit", limit.name);
  }
  return true;
}

bool set_limits(List<LimitStep> limits) {
  for (const LimitStep& limit : limits) {
    const rlimit64 value{limit.soft, limit.hard};
    if (prlimit64(0, static_cast<__rlimit_resource>(limit.type), &value, nullptr) < 0)
      return broke("set resource limit", limit.name);
  }
  return true;
}

} // namespace fairlead::inside
