// Reads the `mounts` part of a configuration.
#include <sys/mount.h>

#include "runtime/names.hh"
#include "runtime/parse.hh"

namespace fairlead {

void read_id_maps(const JsonObject& holder, const char* key, std::vector<IdMap>& out) {
  holder.each(key, [&](const JsonObject& entry) {
    IdMap map{};
    entry.number("containerID", map.inside);
    entry.number("hostID", map.outside);
    entry.number("size", map.size);
    if (map.size == 0) entry.reject("size", "must be greater than zero");
    out.push_back(map);
  });
  if (out.size() > 340) holder.reject(key, "has more than 340 entries (user_namespaces(7))");
}

void read_mounts(const JsonObject& config, Spec& out) {
  config.each("mounts", [&](const JsonObject& entry) {
    Mount mount;
    entry.text("destination", mount.destination);
    entry.text("type", mount.type);
    entry.text("source", mount.source);
    if (mount.destination.empty()) entry.reject("destination", "must be given");
    else if (mount.destination[0] != '/') mount.destination.insert(0, "/"); // deprecated form
    std::vector<std::string> options;
    entry.strings("options", options);
    for (const std::string& option : options)
      if (!apply_mount_option(mount, option))
        entry.reject("options", "is not a mount option: " + option);
    if (mount.type == "bind") mount.bind = true; // runc accepts the type without the option
    if (mount.bind && mount.source.empty()) entry.reject("source", "must name what to bind");
    if (!mount.bind && mount.type.empty() && (mount.flags & MS_REMOUNT) == 0)
      entry.reject("type", "must be given");
    read_id_maps(entry, "uidMappings", mount.uid_maps);
    read_id_maps(entry, "gidMappings", mount.gid_maps);
    if (mount.uid_maps.empty() != mount.gid_maps.empty())
      entry.reject("uidMappings", "and gidMappings must be given together");
    if (!mount.uid_maps.empty()) mount.id_mapped = true;
    out.mounts.push_back(std::move(mount));
  });
}

} // namespace fairlead
