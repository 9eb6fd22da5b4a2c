// User and group id maps of user namespaces.
#pragma once
#include <sys/types.h>

#include <vector>

#include "base/error.hh"
#include "base/fd.hh"
#include "runtime/spec.hh"

namespace fairlead {

// Writes the maps of a process that has just got its user namespace. The caller must be root.
Status write_id_maps(pid_t pid, const std::vector<IdMap>& uids, const std::vector<IdMap>& gids);

// A user namespace that exists only for its maps (id-mapped mounts).
Result<Fd> user_namespace_of(const std::vector<IdMap>& uids, const std::vector<IdMap>& gids);

} // namespace fairlead
