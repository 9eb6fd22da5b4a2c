// Entering of user namespaces before a container is made, see user.hh.
#include "oci/user.hh"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "rootless/ids.hh"
#include "rootless/space.hh"

namespace fairlead {

namespace {

using rootless::IdMapper;

IdMapper::Words words_of(const std::vector<IdMap>& maps) {
  IdMapper::Words words;
  for (const IdMap& map : maps)
    words.insert(words.end(), {std::to_string(map.inside), std::to_string(map.outside),
                               std::to_string(map.size)});
  return words;
}

bool maps_root(const std::vector<IdMap>& maps) {
  return std::ranges::any_of(maps,
                             [](const IdMap& map) { return map.inside == 0 && map.size > 0; });
}

} // namespace

Status become_root(Spec& spec) {
  const uid_t uid = geteuid();
  const gid_t gid = getegid();
  if (uid == 0) return {};
  const auto space = std::ranges::find(spec.namespaces, CLONE_NEWUSER, &Namespace::type);
  if (space == spec.namespaces.end())
    return refuse("create", "an ordinary user needs a user namespace in the configuration, as "
                            "`spec --rootless` writes it");
  if (!space->path.empty())
    return refuse("create", "an ordinary user cannot join a user namespace by path; enter it first",
                  space->path);
  if (!maps_root(spec.uid_maps) || !maps_root(spec.gid_maps))
    return refuse("create", "uidMappings and gidMappings of an ordinary user must map 0");
  const auto uids = words_of(spec.uid_maps), gids = words_of(spec.gid_maps);
  // The user's systemd is asked from inside, where the number of the user is not known.
  setenv("XDG_RUNTIME_DIR", ("/run/user/" + std::to_string(uid)).c_str(), 0);
  std::string note;
  Status done = rootless::enter_namespaces(IdMapper::begin(uids, gids), note);
  if (!done) return done;
  if (!note.empty() && (uids != IdMapper::own(uid) || gids != IdMapper::own(gid)))
    return refuse("map ids", note + "; ranges of ids need it", "linux.uidMappings");
  spec.namespaces.erase(space);
  spec.uid_maps.clear();
  spec.gid_maps.clear();
  return {};
}

} // namespace fairlead
