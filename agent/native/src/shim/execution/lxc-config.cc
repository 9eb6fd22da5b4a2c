// Writing of a container's lxc.conf.
#include "shim/execution/lxc-config.hh"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "runtime/cgroup.hh"
#include "runtime/inside/paths.hh"
#include "runtime/names.hh"
#include "runtime/namespaces.hh"
#include "runtime/relative-path.hh"

namespace fairlead::shim {

namespace {

using Lines = std::string;

Status add(Lines& out, const std::string& key, const std::string& value) {
  // A line end would begin a key of its own.
  if (value.find_first_of(std::string("\n\r\0", 3)) != value.npos)
    return refuse("write lxc.conf", "a line end has no place in " + key, value);
  out += "lxc." + key + " = " + value + "\n";
  return {};
}

// As in fstab(5): blanks and backslashes are written in octal.
std::string escaped(const std::string& path) {
  std::string out;
  for (const char c : path)
    if (c == ' ') out += "\\040";
    else if (c == '\t') out += "\\011";
    else if (c == '\\') out += "\\134";
    else out += c;
  return out;
}

bool below(const std::string& path, const std::string& folder) {
  return path == folder || path.starts_with(folder + "/");
}

// The place of a mount below the root, with the links of the image resolved inside it. What lies
// below another mount is that one's matter.
Result<std::string> place_of(const Spec& spec, const Fd& root, const Mount& mount, bool directory) {
  const std::string target = relative_inside(mount.destination);
  for (const char* made : {"dev", "proc", "sys"})
    if (below(target, made)) return target;
  for (const Mount& other : spec.mounts) {
    const std::string outer = relative_inside(other.destination);
    if (outer != target && below(target, outer)) return target;
  }
  const Fd point(inside::make_inside(root.get(), target.c_str(), directory));
  if (!point) return fail("make mount point", mount.destination);
  char path[PATH_MAX], base[PATH_MAX];
  const auto name_of = [](int fd, char* into) {
    const std::string link = "/proc/self/fd/" + std::to_string(fd);
    const ssize_t size = ::readlink(link.c_str(), into, PATH_MAX - 1);
    return std::string(into, size > 0 ? static_cast<size_t>(size) : 0);
  };
  const std::string whole = name_of(point.get(), path), top = name_of(root.get(), base);
  if (!below(whole, top) || whole == top)
    return refuse("make mount point", "it is not below the root", mount.destination);
  return whole.substr(top.size() + 1);
}

std::string options_of(const Mount& mount) {
  static constexpr std::pair<unsigned long, const char*> NAMES[] = {
      {MS_RDONLY, "ro"},         {MS_NOSUID, "nosuid"},           {MS_NODEV, "nodev"},
      {MS_NOEXEC, "noexec"},     {MS_NOATIME, "noatime"},         {MS_NODIRATIME, "nodiratime"},
      {MS_RELATIME, "relatime"}, {MS_STRICTATIME, "strictatime"}, {MS_SYNCHRONOUS, "sync"},
      {MS_DIRSYNC, "dirsync"}};
  std::string out = mount.bind ? mount.recursive ? "rbind" : "bind" : "rw";
  for (const auto& [flag, name] : NAMES)
    if ((mount.flags & flag) != 0) out += std::string(",") + name;
  if (!mount.data.empty()) out += "," + mount.data;
  return out;
}

// The container's own group of every hierarchy, with its limits: liblxc would show its inner one.
// The entry program makes the whole read-only where that is asked for.
Status add_groups(const Mount& mount, const std::string& group, Lines& out) {
  const std::string target = escaped(relative_inside(mount.destination));
  const auto& all = cgroup_hierarchies();
  const auto bind = [&](const Hierarchy& from, const std::string& to) {
    return add(out, "mount.entry",
               escaped(from.mount + group) + " " + to +
                   " none bind,nosuid,nodev,noexec,create=dir 0 0");
  };
  if (all.size() == 1 && all[0].unified) return bind(all[0], target);
  Status done =
      add(out, "mount.entry", "tmpfs " + target + " tmpfs rw,nosuid,nodev,noexec,mode=755 0 0");
  for (const Hierarchy& hierarchy : all) {
    const std::string name = hierarchy.mount.substr(hierarchy.mount.rfind('/') + 1);
    if (done) done = bind(hierarchy, target + "/" + name);
    for (const std::string& controller : hierarchy.controllers) {
      if (hierarchy.unified || controller == name || controller.find('=') != controller.npos)
        continue;
      if (done) done = bind(hierarchy, target + "/" + controller);
    }
  }
  return done;
}

Status add_mount(const Spec& spec, const Fd& root, const Mount& mount, const std::string& group,
                 Lines& out) {
  if (mount.type == "cgroup" || mount.type == "cgroup2") return add_groups(mount, group, out);
  const std::string target = relative_inside(mount.destination);
  // liblxc furnishes both, see lxc.autodev and lxc.pty.max.
  if (target == "dev" || target == "dev/pts") return {};
  const unsigned long wanted = mount.propagation & ~static_cast<unsigned long>(MS_REC);
  if (wanted != 0 && wanted != MS_PRIVATE)
    return refuse("write lxc.conf", "lxc mounts privately only", mount.destination);
  struct stat info{};
  if (mount.bind && ::stat(mount.source.c_str(), &info) != 0)
    return fail("open mount source", mount.source);
  const bool directory = !mount.bind || S_ISDIR(info.st_mode);
  const auto place = place_of(spec, root, mount, directory);
  if (!place) return std::unexpected(place.error());
  const std::string type = mount.bind ? "none" : mount.type;
  const std::string source = mount.bind ? mount.source : "none";
  return add(out, "mount.entry",
             escaped(source) + " " + escaped(*place) + " " + type + " " +
                 escaped(options_of(mount)) + (directory ? ",create=dir" : ",create=file") +
                 " 0 0");
}

// Of each kind: a new one (nothing to say), one that exists, or the host's.
Status add_namespaces(const Spec& spec, Lines& out) {
  if (!has_namespace(spec, CLONE_NEWNS))
    return refuse("write lxc.conf", "lxc needs a mount namespace of the container's own");
  std::string kept;
  for (const int type : {CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWPID, CLONE_NEWCGROUP}) {
    const auto found =
        std::ranges::find_if(spec.namespaces, [&](const Namespace& ns) { return ns.type == type; });
    const std::string name = namespace_name(type);
    if (found == spec.namespaces.end()) {
      kept += (kept.empty() ? "" : " ") + name;
    } else if (!found->path.empty()) {
      if (Status done = add(out, "namespace.share." + name, found->path); !done) return done;
    } else if (type == CLONE_NEWNET) {
      if (Status done = add(out, "net.0.type", "empty"); !done) return done;
    }
  }
  // With such a list liblxc makes every kind that it lacks.
  return kept.empty() ? Status{} : add(out, "namespace.keep", kept + " user time");
}

Status check(const Spec& spec) {
  if (has_namespace(spec, CLONE_NEWUSER))
    return refuse("write lxc.conf", "user namespaces are not supported with lxc here");
  const Hooks& hooks = spec.hooks;
  for (const auto* list : {&hooks.prestart, &hooks.create_runtime, &hooks.create_container,
                           &hooks.start_container, &hooks.poststart})
    if (!list->empty()) return refuse("write lxc.conf", "OCI hooks are not supported with lxc");
  return {};
}

} // namespace

Result<std::string> lxc_config(const Spec& spec, const LxcPlaces& places) {
  const Fd root(::open(spec.root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root) return fail("open root", spec.root);
  for (const char* folder : {"dev", "proc", "sys"}) {
    const Fd made(inside::make_inside(root.get(), folder, true));
    if (!made) return fail("make mount point", folder);
  }
  Lines out;
  Status done = check(spec);
  const auto say = [&](const std::string& key, const std::string& value) {
    if (done) done = add(out, key, value);
  };
  say("rootfs.path", "dir:" + spec.root);
  if (!spec.hostname.empty()) say("uts.name", spec.hostname);
  say("autodev", "1");
  say("autodev.tmpfs.size", "67108864");
  say("console.path", "none");
  say("pty.max", "1024");
  say("tty.max", "0");
  say("apparmor.profile", "unconfined"); // the entry program sets the process's own
  say("cgroup.dir.container", places.group.substr(1) + "/lxc");
  say("cgroup.dir.monitor", places.monitor.substr(1));
  for (const auto& [key, value] : spec.sysctl) say("sysctl." + key, value);
  if (done) done = add_namespaces(spec, out);
  for (const Mount& mount : spec.mounts)
    if (done) done = add_mount(spec, root, mount, places.group, out);
  say("mount.entry", escaped(places.binary) + " " + (ENTRY_PATH + 1) +
                         " none bind,ro,nosuid,nodev,create=file 0 0");
  if (!done) return std::unexpected(done.error());
  return out;
}

} // namespace fairlead::shim
