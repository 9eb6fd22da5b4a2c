// Answers from /proc/self; see user-namespace.hh.
#include "runtime/user-namespace.hh"

#include <sys/stat.h>

#include <cstdio>

#include "base/file.hh"

namespace fairlead {

namespace {

// Of every Linux (PROC_USER_INIT_INO in the kernel's linux/proc_ns.h).
constexpr ino_t INITIAL_USER_NAMESPACE = 0xEFFFFFFD;

} // namespace

bool in_user_namespace() {
  struct stat own{};
  if (stat("/proc/self/ns/user", &own) == 0 && own.st_ino == INITIAL_USER_NAMESPACE) return false;
  const auto map = read_file("/proc/self/uid_map", 65536);
  unsigned inside = 1, outside = 1, size = 0;
  if (!map || std::sscanf(map->c_str(), "%u %u %u", &inside, &outside, &size) != 3) return false;
  return inside != 0 || outside != 0 || size != 4294967295U;
}

bool groups_are_fixed(pid_t pid) {
  if (pid == 0 && !in_user_namespace()) return false;
  const std::string process = pid == 0 ? "self" : std::to_string(pid);
  const auto answer = read_file("/proc/" + process + "/setgroups", 64);
  return answer && answer->starts_with("deny");
}

} // namespace fairlead
