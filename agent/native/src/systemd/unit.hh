// The systemd unit that holds a container's processes: its name, its slice and where its cgroup is.
#pragma once
#include <string>

#include "base/error.hh"

namespace fairlead::systemd {

struct Unit {
  std::string name;  // "PREFIX-NAME.scope", or a slice of its own
  std::string slice; // the slice of a scope

  bool is_slice() const { return name.ends_with(".slice"); }
};

// Reads a cgroupsPath of the form "SLICE:PREFIX:NAME", as runc and crun take it; absent parts are
// system.slice (user.slice for an ordinary user), fairlead, and the container's id.
Result<Unit> unit_of(const std::string& cgroups_path, const std::string& id, bool of_user);

// Where the unit's cgroup is below that of its manager: slices contain each other by their names
// ("a-b.slice" is in "a.slice", systemd.slice(5)).
std::string path_of(const Unit& unit);

} // namespace fairlead::systemd
