// Plans the mount of type "cgroup".
#pragma once
#include "runtime/cgroup.hh"
#include "runtime/prepared.hh"

namespace fairlead {

Status plan_cgroup_mount(const Spec& spec, const Mount& mount, const Cgroup& cgroup, Prepared& out);

} // namespace fairlead
