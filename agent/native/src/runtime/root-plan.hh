// Plans the root file system.
#pragma once
#include <string>

#include "base/fd.hh"
#include "runtime/create.hh"
#include "runtime/prepared.hh"

namespace fairlead {

Status plan_root(const Spec& spec, const CreateOptions& options, Prepared& out);
Status plan_devices(const Spec& spec, Prepared& out);
void plan_hidden_paths(const Spec& spec, Prepared& out);
// A copy of a mount (or of a tree of them) that hangs nowhere.
Result<Fd> clone_tree(const std::string& source, bool recursive);

} // namespace fairlead
