// Reads the `linux` part of a configuration, except resources and seccomp.
#include <net/if.h>
#include <sched.h>
#include <sys/personality.h>

#include <cstring>

#include "runtime/names.hh"
#include "runtime/parse.hh"

namespace fairlead {

namespace {

void read_namespaces(const JsonObject& linux_part, Spec& out) {
  linux_part.each("namespaces", [&](const JsonObject& entry) {
    std::string name;
    Namespace space;
    entry.text("type", name);
    entry.text("path", space.path);
    const auto flag = namespace_flag(name);
    if (!flag) return entry.reject("type", "is not a namespace: " + name);
    space.type = *flag;
    if (!space.path.empty() && space.path[0] != '/')
      entry.reject("path", "must be an absolute path");
    for (const Namespace& earlier : out.namespaces)
      if (earlier.type == space.type) entry.reject("type", "is given twice: " + name);
    out.namespaces.push_back(std::move(space));
  });
}

void read_devices(const JsonObject& linux_part, Spec& out) {
  linux_part.each("devices", [&](const JsonObject& entry) {
    Device device;
    std::string type;
    entry.text("path", device.path);
    entry.text("type", type);
    if (device.path.empty() || device.path[0] != '/')
      entry.reject("path", "must be an absolute path");
    if (type != "c" && type != "b" && type != "u" && type != "p")
      entry.reject("type", "must be one of c, b, u, p");
    else device.type = type == "u" ? 'c' : type[0];
    if (device.type != 'p' && (!entry.has("major") || !entry.has("minor")))
      entry.reject("major", "and minor must be given");
    entry.number("major", device.major);
    entry.number("minor", device.minor);
    entry.number("fileMode", device.mode);
    entry.number("uid", device.uid);
    entry.number("gid", device.gid);
    device.mode &= 07777; // podman and containerd hand over the type bits too
    out.devices.push_back(std::move(device));
  });
}

void read_time_offsets(const JsonObject& offsets, Spec& out) {
  offsets.members([&](const std::string& clock, const JsonObject& entry) {
    TimeOffset offset{clock, 0, 0};
    if (clock != "monotonic" && clock != "boottime")
      entry.reject("", "must be monotonic or boottime");
    entry.number("secs", offset.seconds);
    entry.number("nanosecs", offset.nanoseconds);
    out.time_offsets.push_back(offset);
  });
}

void read_personality(const JsonObject& entry, Spec& out) {
  if (!entry) return;
  std::string domain;
  entry.text("domain", domain);
  if (domain == "LINUX") out.personality = PER_LINUX;
  else if (domain == "LINUX32") out.personality = PER_LINUX32;
  else entry.reject("domain", "must be LINUX or LINUX32");
  std::vector<std::string> flags;
  entry.strings("flags", flags);
  if (!flags.empty()) entry.reject("flags", "are not supported by the specification");
}

void refuse_unsupported(const JsonObject& linux_part) {
  if (const JsonObject rdt = linux_part.object("intelRdt"); rdt && rdt.raw()->MemberCount() > 0)
    linux_part.reject("intelRdt", "is not supported");
}

} // namespace

void read_linux(const JsonObject& linux_part, Spec& out) {
  read_namespaces(linux_part, out);
  read_id_maps(linux_part, "uidMappings", out.uid_maps);
  read_id_maps(linux_part, "gidMappings", out.gid_maps);
  read_time_offsets(linux_part.object("timeOffsets"), out);
  read_devices(linux_part, out);
  if (const JsonObject devices = linux_part.object("netDevices")) {
    devices.members([&](const std::string& host, const JsonObject& entry) {
      NetDevice device{host, host};
      entry.text("name", device.inside);
      if (device.inside.empty() || device.inside.size() >= IFNAMSIZ)
        entry.reject("name", "must have from 1 to 15 bytes");
      out.net_devices.push_back(std::move(device));
    });
  }
  linux_part.text("cgroupsPath", out.cgroups_path);
  if (const JsonObject resources = linux_part.object("resources"))
    read_resources(resources, out.resources);
  if (out.resources.kernel_memory)
    out.warnings.emplace_back("linux.resources.memory.kernel has no effect since Linux 5.16");
  linux_part.pairs("sysctl", out.sysctl);
  if (const JsonObject seccomp = linux_part.object("seccomp")) {
    out.seccomp.emplace();
    read_seccomp(seccomp, *out.seccomp, out.warnings);
  }
  std::string propagation;
  linux_part.text("rootfsPropagation", propagation);
  if (!propagation.empty()) {
    out.rootfs_propagation = propagation_flag(propagation);
    if (out.rootfs_propagation == 0)
      linux_part.reject("rootfsPropagation", "is not a propagation: " + propagation);
  }
  linux_part.strings("maskedPaths", out.masked_paths);
  linux_part.strings("readonlyPaths", out.readonly_paths);
  linux_part.text("mountLabel", out.mount_label);
  read_personality(linux_part.object("personality"), out);
  read_memory_policy(linux_part.object("memoryPolicy"), out);
  refuse_unsupported(linux_part);
}

} // namespace fairlead
