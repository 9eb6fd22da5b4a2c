// Which namespaces a container has, and the settings that belong to them.
#pragma once
#include <string>

#include "base/error.hh"
#include "runtime/cgroup.hh"
#include "runtime/spec.hh"

namespace fairlead {

struct Prepared;

bool has_namespace(const Spec& spec, int type);   // new or by path
bool makes_namespace(const Spec& spec, int type); // new
Status plan_sysctls(const Spec& spec, Prepared& out);
// The cgroup of a container: linux.cgroupsPath, or /fairlead/ID without one.
Cgroup cgroup_of(const Spec& spec, const std::string& id);

} // namespace fairlead
