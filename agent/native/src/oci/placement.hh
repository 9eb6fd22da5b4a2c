// Where a container's processes are counted and limited: a cgroup that this runtime makes, or one
// of a systemd unit (--systemd-cgroup). Later calls know it from the container's record.
#pragma once
#include <functional>

#include "oci/command.hh"

namespace fairlead {

struct Placement {
  std::string cgroup, unit;           // the unit is empty without systemd
  std::function<Status(pid_t)> enter; // as CreateOptions::enter_cgroup
};

// Decides for a new container; with --systemd-cgroup it asks systemd, but changes nothing yet.
Result<Placement> place(const Call& call, const Spec& spec, const std::string& id);

// The cgroup of a container that exists.
Cgroup cgroup_of(const Record& record);
// How a further process comes into it; empty where it can be cloned into it.
std::function<Status(pid_t)> entrance_of(const Record& record);
// Changes limits, those that systemd keeps as well.
Status update_limits(const Record& record, const Resources& resources);
// Kills what is left, and removes the unit and the cgroup.
Status end_cgroup(const Record& record);

} // namespace fairlead
