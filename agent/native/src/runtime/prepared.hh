// A plan together with everything its pointers and descriptors refer to.
#pragma once
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hh"
#include "base/fd.hh"
#include "runtime/container.hh"
#include "runtime/inside/plan.hh"
#include "runtime/seccomp.hh"

namespace fairlead {

// A bind mount, opened by the caller, in its namespaces and with its rights, when the process has
// come to it: so mounts are numbered in the order of the configuration.
struct Bind {
  Mount mount;
  std::string source;
  std::string otherwise; // bound where the source does not exist; empty for none
};

struct OpenTree {
  Fd fd;
  int bits = 0; // inside::TreeBits
};

struct Prepared {
  inside::Plan plan;
  std::deque<std::string> texts;
  std::deque<std::vector<char*>> vectors;
  std::vector<Fd> fds;
  std::vector<int> keep;
  std::vector<inside::Join> joins;
  std::vector<inside::SysctlStep> sysctls;
  std::vector<inside::MountStep> mounts, late_mounts;
  std::vector<Bind> binds;
  std::vector<inside::DeviceStep> devices;
  std::vector<const char*> masked, readonly;
  std::deque<std::vector<inside::HookStep>> hooks;
  std::vector<gid_t> groups;
  std::vector<int> entrances;
  std::vector<inside::LimitStep> limits;
  Filter filter;
  std::unique_ptr<std::string> scheduler;
  std::vector<std::string> warnings;

  const char* text(const std::string& value);
  char* const* list(const std::vector<std::string>& values);
  int hold(Fd fd); // keeps it open in the process, too; returns its number
  // Points the plan's lists at the vectors; call last.
  void seal();
};

template <typename T> inside::List<T> list_of(const std::vector<T>& items) {
  return {items.data(), items.size()};
}

// identity-plan.cc: who the process becomes. `inherited` are the capabilities where the process
// names none; `in_user_namespace` spares the comparison with the caller's own.
Status plan_identity(const ProcessSpec& process, const Spec& container,
                     const std::string& run_dir, bool in_user_namespace, Prepared& out);
Status plan_stdio(const Stdio& stdio, bool terminal, Prepared& out);
// mount-plan.cc, cgroup-mount.cc, root-plan.cc
Status plan_mounts(const Spec& spec, const Cgroup& cgroup, const std::string& bundle,
                   Prepared& out);
Result<OpenTree> open_bind(const Bind& bind);
Status plan_cgroup_mount(const Spec& spec, const Mount& mount, const Cgroup& cgroup,
                         Prepared& out);
Status plan_root(const Spec& spec, const CreateOptions& options, Prepared& out);
Status plan_devices(const Spec& spec, Prepared& out);
void plan_hidden_paths(const Spec& spec, Prepared& out);
// A copy of a mount (or of a tree of them) that hangs nowhere.
Result<Fd> clone_tree(const std::string& source, bool recursive);
// namespaces.cc
bool has_namespace(const Spec& spec, int type);     // new or by path
bool makes_namespace(const Spec& spec, int type);   // new
Status plan_sysctls(const Spec& spec, Prepared& out);
void plan_hooks(const std::vector<Hook>& hooks, inside::List<inside::HookStep>& list,
                Prepared& out);
// A path of the container without its leading slashes and without "." and "..".
std::string relative_inside(const std::string& path);

} // namespace fairlead
