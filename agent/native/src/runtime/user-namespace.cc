// Answers from /proc/self; see user-namespace.hh.
#include "runtime/user-namespace.hh"

#include <cstdio>

#include "base/file.hh"

namespace fairlead {

bool in_user_namespace() {
  const auto map = read_file("/proc/self/uid_map", 65536);
  unsigned inside = 1, outside = 1, size = 0;
  if (!map || std::sscanf(map->c_str(), "%u %u %u", &inside, &outside, &size) != 3) return false;
  return inside != 0 || outside != 0 || size != 4294967295U;
}

bool groups_are_fixed(pid_t pid) {
  const std::string process = pid == 0 ? "self" : std::to_string(pid);
  const auto answer = read_file("/proc/" + process + "/setgroups", 64);
  return answer && answer->starts_with("deny");
}

} // namespace fairlead
