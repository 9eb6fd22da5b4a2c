// Plans the mounts of a configuration.
#pragma once
#include <string>

#include "base/fd.hh"
#include "runtime/cgroup.hh"
#include "runtime/prepared.hh"

namespace fairlead {

struct OpenTree {
  Fd fd;
  int bits = 0; // inside::TreeBits
};

Status plan_mounts(const Spec& spec, const Cgroup& cgroup, const std::string& bundle,
                   Prepared& out);
Result<OpenTree> open_bind(const Bind& bind);

} // namespace fairlead
