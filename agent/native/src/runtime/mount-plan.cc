// Plans the mounts of a configuration. Sources are opened here, in the caller's namespaces and with
// its rights; targets are opened by the process inside its root.
#include "runtime/mount-plan.hh"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "runtime/cgroup-mount.hh"
#include "runtime/cgroup.hh"
#include "runtime/idmap.hh"
#include "runtime/inside/report.hh"
#include "runtime/namespaces.hh"
#include "runtime/prepared.hh"
#include "runtime/relative-path.hh"
#include "runtime/root-plan.hh"

#ifndef MS_NOSYMFOLLOW
#define MS_NOSYMFOLLOW 256
#endif
#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000
#endif

namespace fairlead {

namespace {

// The MS_* flags that belong to one mount; the others belong to its file system.
constexpr unsigned long PER_MOUNT = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME |
                                    MS_NODIRATIME | MS_RELATIME | MS_STRICTATIME | MS_NOSYMFOLLOW;

constexpr std::pair<unsigned long, uint64_t> ATTRIBUTES[] = {
    {MS_RDONLY, MOUNT_ATTR_RDONLY},         {MS_NOSUID, MOUNT_ATTR_NOSUID},
    {MS_NODEV, MOUNT_ATTR_NODEV},           {MS_NOEXEC, MOUNT_ATTR_NOEXEC},
    {MS_NODIRATIME, MOUNT_ATTR_NODIRATIME}, {MS_NOSYMFOLLOW, MOUNT_ATTR_NOSYMFOLLOW}};

mount_attr attributes_of(const Mount& mount) {
  mount_attr attributes{};
  for (const auto& [flag, attribute] : ATTRIBUTES) {
    if ((mount.flags & flag) != 0) attributes.attr_set |= attribute;
    if ((mount.cleared & flag) != 0) attributes.attr_clr |= attribute;
  }
  const unsigned long times = mount.flags & (MS_NOATIME | MS_RELATIME | MS_STRICTATIME);
  if (times != 0) {
    attributes.attr_clr |= MOUNT_ATTR__ATIME;
    if ((times & MS_NOATIME) != 0) attributes.attr_set |= MOUNT_ATTR_NOATIME;
    else if ((times & MS_STRICTATIME) != 0) attributes.attr_set |= MOUNT_ATTR_STRICTATIME;
  }
  return attributes;
}

bool set_attributes(const Fd& tree, int depth, const mount_attr& attributes) {
  return syscall(SYS_mount_setattr, tree.get(), "", AT_EMPTY_PATH | depth, &attributes,
                 sizeof attributes) == 0;
}

// A clone of a shared mount is its peer. Without a wish the host's changes come in, and none go
// out, as with runc.
unsigned long propagation_of(const Mount& mount) {
  return mount.propagation != 0 ? mount.propagation : static_cast<unsigned long>(MS_SLAVE | MS_REC);
}

// Linux before 5.12 has no mount_setattr(2): the process remounts and propagates later.
Status dress_tree(const Fd& tree, const Mount& mount, int& bits) {
  const mount_attr own = attributes_of(mount);
  if (own.attr_set != 0 || own.attr_clr != 0) {
    if (!set_attributes(tree, 0, own)) {
      if (errno != ENOSYS) return fail("set mount attributes", mount.destination);
      bits |= inside::UNDRESSED;
    }
  }
  if (mount.recursive_set != 0 || mount.recursive_clear != 0) {
    mount_attr all{};
    all.attr_set = mount.recursive_set;
    all.attr_clr = mount.recursive_clear;
    if (!set_attributes(tree, AT_RECURSIVE, all))
      return fail("set recursive mount attributes", mount.destination);
  }
  const unsigned long wanted = propagation_of(mount);
  const int depth = (wanted & MS_REC) != 0 ? static_cast<int>(AT_RECURSIVE) : 0;
  mount_attr propagation{};
  propagation.propagation = wanted & ~static_cast<unsigned long>(MS_REC);
  if (!set_attributes(tree, depth, propagation)) {
    if (errno != ENOSYS) return fail("set propagation", mount.destination);
    bits |= inside::UNPROPAGATED;
  }
  return {};
}

Status map_ids(const Fd& tree, const Mount& mount) {
  const auto space = user_namespace_of(mount.uid_maps, mount.gid_maps);
  if (!space) return std::unexpected(space.error());
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_IDMAP;
  attributes.userns_fd = static_cast<__u64>(space->get());
  const int depth = mount.id_map_recursive ? static_cast<int>(AT_RECURSIVE) : 0;
  if (!set_attributes(tree, depth, attributes)) return fail("map ids of mount", mount.destination);
  return {};
}

// Where a source lies that an earlier mount of the same container provides, in its root: the caller
// sees there what is covered.
std::optional<std::string> inner_source(const Spec& spec, const Mount& mount,
                                        const std::string& source, const std::string& bundle) {
  const bool absolute = spec.root.starts_with('/');
  const std::string root = relative_inside(absolute ? spec.root : bundle + "/" + spec.root) + "/";
  const std::string path = relative_inside(source);
  if (!path.starts_with(root)) return std::nullopt;
  const std::string inner = path.substr(root.size());
  for (const Mount& earlier : spec.mounts) {
    if (&earlier == &mount) break;
    if ((inner + "/").starts_with(relative_inside(earlier.destination) + "/")) return inner;
  }
  return std::nullopt;
}

// Only the way to the source is planned here, see Bind.
void plan_bind(const Spec& spec, const Mount& mount, const std::string& bundle, Prepared& out) {
  inside::MountStep step;
  step.act = inside::Act::tree;
  step.target = out.text(relative_inside(mount.destination));
  const mount_attr own = attributes_of(mount);
  step.late_set = own.attr_set;
  step.late_clear = own.attr_clr;
  step.propagation = propagation_of(mount);
  const bool absolute = mount.source.starts_with('/');
  const std::string source = absolute ? mount.source : bundle + "/" + mount.source;
  if (const auto inner = inner_source(spec, mount, source, bundle)) {
    step.act = inside::Act::inner;
    step.source = out.text(*inner);
    step.recursive = mount.recursive;
    step.recursive_set = mount.recursive_set;
    step.recursive_clear = mount.recursive_clear;
    out.mounts.push_back(step);
    return;
  }
  step.source = out.text(source);
  step.number = static_cast<int>(out.binds.size());
  // The first of each run of binds asks for the whole run.
  size_t first = out.mounts.size();
  while (first > 0 && out.mounts[first - 1].act == inside::Act::tree) --first;
  out.mounts.push_back(step);
  ++out.mounts[first].wanted;
  Bind& bind = out.binds.emplace_back(mount, source, "");
  if (bind.mount.id_mapped && bind.mount.uid_maps.empty()) {
    bind.mount.uid_maps = spec.uid_maps;
    bind.mount.gid_maps = spec.gid_maps;
  }
}

Status plan_remount(const Mount& mount, Prepared& out) {
  inside::MountStep step;
  step.act = inside::Act::remount;
  step.target = out.text(relative_inside(mount.destination));
  step.flags = MS_REMOUNT | mount.flags;
  if (mount.bind) step.flags |= MS_BIND;
  step.data = mount.data.empty() ? nullptr : out.text(mount.data);
  step.propagation = mount.propagation;
  out.mounts.push_back(step);
  return {};
}

// sysfs shows a network namespace and can be mounted by its owner only; a container in a user
// namespace that was given an existing one sees the host's, as with crun.
bool needs_host_sysfs(const Spec& spec) {
  return has_namespace(spec, CLONE_NEWUSER) && !makes_namespace(spec, CLONE_NEWNET);
}

void plan_host_sysfs(const Mount& mount, Prepared& out) {
  Mount bind = mount;
  bind.bind = bind.recursive = true;
  bind.source = "/sys";
  plan_bind({}, bind, "/", out);
}

// SELinux labels a file system as a whole by this option; other modules do not know it.
std::string labelled(const std::string& data, const std::string& label) {
  if (label.empty() || access("/sys/fs/selinux/enforce", F_OK) < 0) return data;
  return data + (data.empty() ? "" : ",") + "context=\"" + label + "\"";
}

Status plan_filesystem(const Mount& mount, const std::string& label, Prepared& out) {
  inside::MountStep step;
  step.target = out.text(relative_inside(mount.destination));
  step.source = out.text(mount.source.empty() ? mount.type : mount.source);
  step.type = out.text(mount.type);
  const std::string data = labelled(mount.data, label);
  step.data = data.empty() ? nullptr : out.text(data);
  step.flags = mount.flags;
  step.propagation = mount.propagation;
  step.recursive_set = mount.recursive_set;
  step.recursive_clear = mount.recursive_clear;
  step.ordinary = mount.type == "proc" || mount.type == "sysfs";
  step.copy_up = mount.copy_up;
  // As with runc: world-writable, which the kernel makes it, is for new folders only.
  step.keep_mode = mount.type == "tmpfs" && !("," + mount.data).contains(",mode=");
  if (mount.copy_up && mount.type != "tmpfs")
    return refuse("mount", "tmpcopyup is for tmpfs only", mount.destination);
  if (mount.id_mapped) return refuse("mount", "only a bind can be id-mapped", mount.destination);
  // What is mounted or made inside needs it writable first.
  if (mount.type == "tmpfs" && (mount.flags & MS_RDONLY) != 0)
    out.mount_and_remount(step, mount.flags & PER_MOUNT);
  else out.mounts.push_back(step);
  return {};
}

} // namespace

Result<OpenTree> open_bind(const Bind& bind) {
  const Mount& mount = bind.mount;
  const bool missing = !bind.otherwise.empty() && access(bind.source.c_str(), F_OK) != 0;
  const std::string& source = missing ? bind.otherwise : bind.source;
  auto tree = clone_tree(source, mount.recursive);
  if (!tree) {
    const std::string path = source + " for " + mount.destination;
    return std::unexpected(Error{"open bind source", tree.error().code, path, {}});
  }
  OpenTree out{std::move(*tree), 0};
  struct stat info{};
  struct statfs system{};
  if (fstat(out.fd.get(), &info) < 0 || fstatfs(out.fd.get(), &system) < 0)
    return fail("open bind source", source);
  if (S_ISDIR(info.st_mode)) out.bits |= inside::IS_DIRECTORY;
  if (system.f_type == PROC_SUPER_MAGIC) out.bits |= inside::FROM_PROC;
  if (mount.id_mapped) {
    if (Status done = map_ids(out.fd, mount); !done) return std::unexpected(done.error());
  }
  if (Status done = dress_tree(out.fd, mount, out.bits); !done)
    return std::unexpected(done.error());
  return out;
}

Status plan_mounts(const Spec& spec, const Cgroup& cgroup, const std::string& bundle,
                   Prepared& out) {
  for (const Mount& mount : spec.mounts) {
    if (relative_inside(mount.destination).empty())
      return refuse("mount", "cannot cover the root of the container", mount.destination);
    Status done;
    if ((mount.flags & MS_REMOUNT) != 0) done = plan_remount(mount, out);
    else if (mount.bind) plan_bind(spec, mount, bundle, out);
    else if (mount.type == "sysfs" && needs_host_sysfs(spec)) plan_host_sysfs(mount, out);
    else if (mount.type == "cgroup") done = plan_cgroup_mount(spec, mount, cgroup, out);
    else done = plan_filesystem(mount, spec.mount_label, out);
    if (!done) return done;
  }
  return {};
}

} // namespace fairlead
