// Plans the mount of type "cgroup": one tree on v2; on v1 and hybrid hosts a tmpfs with a
// directory per hierarchy.
#include "runtime/cgroup-mount.hh"

#include <sched.h>
#include <sys/mount.h>

#include <algorithm>

#include "runtime/cgroup.hh"
#include "runtime/mount-plan.hh"
#include "runtime/namespaces.hh"
#include "runtime/prepared.hh"
#include "runtime/relative-path.hh"

namespace fairlead {

namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ",") + word;
  return out;
}

// The container's own group bound from the host, where no cgroup namespace makes it the root. An
// ordinary user's container stays in the caller's group where it may not have one of its own.
Status plan_bound(const Mount& mount, const Hierarchy& hierarchy, const Cgroup& cgroup,
                  const std::string& target, Prepared& out) {
  Mount bind = mount;
  bind.bind = bind.recursive = true;
  bind.source = hierarchy.mount + cgroup.path();
  bind.destination = target;
  bind.type.clear();
  bind.data.clear();
  Spec single;
  single.mounts.push_back(bind);
  Status done = plan_mounts(single, Cgroup::at("/"), "/", out);
  if (done && cgroup.where_allowed()) out.binds.back().otherwise = own_directory(hierarchy);
  return done;
}

inside::MountStep step_for(const Mount& mount, const std::string& target, Prepared& out) {
  inside::MountStep step;
  step.target = out.text(target);
  step.flags = mount.flags;
  return step;
}

Status plan_hierarchy(const Mount& mount, const Hierarchy& hierarchy, const Cgroup& cgroup,
                      bool own_namespace, const std::string& target, Prepared& out) {
  if (!own_namespace) return plan_bound(mount, hierarchy, cgroup, target, out);
  inside::MountStep step = step_for(mount, target, out);
  step.source = "cgroup";
  step.type = hierarchy.unified ? "cgroup2" : "cgroup";
  if (!hierarchy.unified) {
    const bool named =
        hierarchy.controllers.size() == 1 && hierarchy.controllers[0].starts_with("name=");
    step.data =
        out.text(named ? "none," + hierarchy.controllers[0] : joined(hierarchy.controllers));
  }
  out.mounts.push_back(step);
  return {};
}

} // namespace

Status plan_cgroup_mount(const Spec& spec, const Mount& mount, const Cgroup& cgroup,
                         Prepared& out) {
  const auto& all = cgroup_hierarchies();
  const bool own = has_namespace(spec, CLONE_NEWCGROUP);
  const std::string base = relative_inside(mount.destination);
  if (all.size() == 1 && all[0].unified)
    return plan_hierarchy(mount, all[0], cgroup, own, base, out);
  inside::MountStep holder = step_for(mount, base, out);
  holder.source = holder.type = "tmpfs";
  holder.data = "mode=755";
  if ((mount.flags & MS_RDONLY) == 0) out.mounts.push_back(holder);
  else out.mount_and_remount(holder, mount.flags & (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC));
  for (const Hierarchy& hierarchy : all) {
    const std::string name = hierarchy.mount.substr(hierarchy.mount.rfind('/') + 1);
    if (Status done = plan_hierarchy(mount, hierarchy, cgroup, own, base + "/" + name, out); !done)
      return done;
    for (const std::string& controller : hierarchy.controllers) {
      if (hierarchy.unified || hierarchy.controllers.size() < 2) break;
      inside::MountStep link = step_for(mount, base + "/" + controller, out);
      link.act = inside::Act::symlink;
      link.source = out.text(name);
      if (controller != name) out.mounts.push_back(link);
    }
  }
  return {};
}

} // namespace fairlead
