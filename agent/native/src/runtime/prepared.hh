// A plan together with everything its pointers and descriptors refer to.
#pragma once
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hh"
#include "base/fd.hh"
#include "runtime/inside/plan.hh"
#include "runtime/seccomp.hh"
#include "runtime/spec.hh"

namespace fairlead {

// A bind mount, opened by the caller, in its namespaces and with its rights, when the process has
// come to it: so mounts are numbered in the order of the configuration.
struct Bind {
  Mount mount;
  std::string source;
  std::string otherwise; // bound where the source does not exist; empty for none
};

struct Prepared {
  inside::Plan plan;
  std::deque<std::string> texts;
  std::deque<std::vector<char*>> vectors;
  std::vector<Fd> fds;
  std::vector<int> keep;
  std::vector<inside::Join> joins;
  std::vector<inside::SysctlStep> sysctls;
  std::vector<inside::MountStep> mounts;
  std::vector<inside::RemountStep> remounts;
  std::vector<Bind> binds;
  std::vector<inside::DeviceStep> devices;
  std::vector<const char*> masked, readonly;
  std::deque<std::vector<inside::HookStep>> hooks;
  std::vector<gid_t> groups;
  std::vector<int> entrances;
  std::vector<inside::LimitStep> limits;
  Filter filter;
  std::unique_ptr<std::string> scheduler;
  std::vector<std::string> warnings;

  const char* text(const std::string& value);
  // Ended by a null pointer, and as many more as are asked for.
  char** list(const std::vector<std::string>& values, size_t spare = 0);
  int hold(Fd fd); // keeps it open in the process, too; returns its number
  // Points the plan's lists at the vectors; call last.
  void seal();
  // A mount whose last flags wait until all else is in place.
  void mount_and_remount(inside::MountStep step, unsigned long flags);
};

template <typename T> inside::List<T> list_of(const std::vector<T>& items) {
  return {items.data(), items.size()};
}

} // namespace fairlead
