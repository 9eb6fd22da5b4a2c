// Plans who a process becomes and what it runs.
#include "runtime/identity-plan.hh"

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>
#include <map>

#include "base/file.hh"
#include "runtime/names.hh"
#include "runtime/prepared.hh"
#include "runtime/user-namespace.hh"

namespace fairlead {

namespace {

constexpr const char* DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

struct SchedAttr { // sched_setattr(2)
  uint32_t size, policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime, deadline, period;
};

uint64_t own_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  if (syscall(SYS_capget, &header, data) < 0) return 0;
  return data[0].permitted | uint64_t{data[1].permitted} << 32U;
}

// What this host cannot grant is left out with a warning (runtime-spec 1.1).
void plan_capabilities(const Capabilities& wanted, bool in_user_namespace, Prepared& out) {
  const uint64_t grantable = in_user_namespace ? ~uint64_t{0} >> 23U : own_capabilities();
  const uint64_t all =
      wanted.bounding | wanted.effective | wanted.inheritable | wanted.permitted | wanted.ambient;
  for (int number = 0; capability_name(number) != nullptr; ++number)
    if (((all & ~grantable) >> static_cast<unsigned>(number) & 1U) != 0)
      out.warnings.push_back(std::string(capability_name(number)) + " cannot be granted here");
  inside::Identity& identity = out.plan.identity;
  identity.bounding = wanted.bounding & grantable;
  identity.permitted = wanted.permitted & grantable;
  identity.effective = wanted.effective & identity.permitted;
  // An inheritable capability must lie within the bounding set, an ambient one within both others.
  identity.inheritable = wanted.inheritable & grantable & (wanted.bounding | wanted.permitted);
  identity.ambient = wanted.ambient & identity.permitted & identity.inheritable;
}

bool apparmor_enabled() {
  const auto text = read_file("/sys/module/apparmor/parameters/enabled", 16);
  return text && text->starts_with("Y");
}

Status plan_label(const ProcessSpec& process, Prepared& out) {
  inside::Identity& identity = out.plan.identity;
  std::string file, label;
  if (!process.apparmor_profile.empty() && apparmor_enabled()) {
    file = "self/attr/apparmor/exec"; // Linux 5.8; attr/exec belongs to the first LSM
    if (access(("/proc/" + file).c_str(), F_OK) < 0) file = "self/attr/exec";
    label = "exec " + process.apparmor_profile;
  } else if (!process.selinux_label.empty() && access("/sys/fs/selinux/enforce", F_OK) == 0) {
    file = "self/attr/exec";
    label = process.selinux_label;
  } else {
    if (!process.apparmor_profile.empty() && process.apparmor_profile != "unconfined")
      out.warnings.push_back("no AppArmor here, profile is left out: " + process.apparmor_profile);
    return {};
  }
  identity.label = out.text(label);
  identity.label_file = out.text(file);
  return {};
}

void plan_scheduling(const ProcessSpec& process, Prepared& out) {
  if (process.io_priority)
    out.plan.identity.io_priority =
        process.io_priority->io_class << 13 | process.io_priority->priority;
  if (!process.scheduler) return;
  const Scheduler& from = *process.scheduler;
  const SchedAttr attributes{sizeof(SchedAttr),
                             static_cast<uint32_t>(from.policy),
                             from.flags,
                             from.nice,
                             static_cast<uint32_t>(from.priority),
                             from.runtime,
                             from.deadline,
                             from.period};
  const std::string& stored =
      out.texts.emplace_back(reinterpret_cast<const char*>(&attributes), sizeof attributes);
  out.plan.identity.scheduler = stored.data();
}

// A bit for each node; the kernel takes their number plus one (set_mempolicy(2)).
void plan_memory_policy(const MemoryPolicy& policy, Prepared& out) {
  inside::Identity& identity = out.plan.identity;
  identity.memory_mode = policy.mode;
  if (policy.nodes.empty()) return;
  constexpr size_t BITS = 8 * sizeof(unsigned long);
  unsigned long nodes[MemoryPolicy::MOST_NODES / BITS] = {};
  for (size_t node = 0; node < policy.nodes.size(); ++node)
    if (policy.nodes[node]) nodes[node / BITS] |= 1UL << node % BITS;
  const std::string& stored =
      out.texts.emplace_back(reinterpret_cast<const char*>(nodes), sizeof nodes);
  identity.memory_nodes = reinterpret_cast<const unsigned long*>(stored.data());
  identity.memory_node_count = MemoryPolicy::MOST_NODES + 1;
}

// crun's word for podman's `--group-add keep-groups`: the groups of the caller stay.
bool keeps_groups(const Spec& container) {
  for (const auto& [key, value] : container.annotations)
    if (key == "run.oci.keep_original_groups") return value == "1" || value == "true";
  return false;
}

Status plan_gate(Prepared& out) {
  Fd gate(memfd_create("gate", MFD_CLOEXEC));
  if (!gate || ftruncate(gate.get(), sizeof(int)) < 0) return fail("make gate for listener");
  out.plan.identity.gate = out.hold(std::move(gate));
  return {};
}

// Of entries with one name the last counts, in the place of the first.
std::vector<std::string> unique_env(const std::vector<std::string>& env) {
  std::vector<std::string> out;
  std::map<std::string_view, size_t> places;
  for (const std::string& entry : env) {
    const std::string_view name = std::string_view(entry).substr(0, entry.find('='));
    const auto [place, fresh] = places.try_emplace(name, out.size());
    if (fresh) out.push_back(entry);
    else out[place->second] = entry;
  }
  return out;
}

const std::string* find_variable(const std::vector<std::string>& env, std::string_view start) {
  for (const std::string& entry : env)
    if (entry.starts_with(start)) return &entry;
  return nullptr;
}

void plan_environment(const ProcessSpec& process, Prepared& out) {
  inside::Identity& identity = out.plan.identity;
  const std::vector<std::string> env = unique_env(process.env);
  char** entries = out.list(env, 1);
  identity.envp = entries;
  if (find_variable(env, "HOME=") == nullptr) identity.home = entries + env.size();
  const std::string* path = find_variable(env, "PATH=");
  identity.search = path != nullptr ? out.text(path->substr(5)) : out.text(DEFAULT_PATH);
}

} // namespace

Status plan_identity(const ProcessSpec& process, const Spec& container, const std::string& run_dir,
                     bool in_user_namespace, Prepared& out) {
  inside::Identity& identity = out.plan.identity;
  identity.uid = process.uid;
  identity.gid = process.gid;
  out.groups = process.groups;
  identity.groups = out.groups.data();
  identity.group_count = out.groups.size();
  identity.set_groups = !keeps_groups(container) && (!out.groups.empty() || !groups_are_fixed());
  identity.umask = process.umask ? static_cast<int>(*process.umask) : -1;
  plan_capabilities(process.capabilities.value_or(Capabilities{}), in_user_namespace, out);
  identity.no_new_privileges = process.no_new_privileges;
  for (const Rlimit& limit : process.rlimits)
    out.limits.push_back({rlimit_text(limit.type), limit.type, limit.soft, limit.hard});
  identity.cwd = out.text(process.cwd);
  identity.argv = out.list(process.args);
  plan_environment(process, out);
  if (container.personality) identity.personality = static_cast<long>(*container.personality);
  plan_scheduling(process, out);
  if (container.memory_policy) plan_memory_policy(*container.memory_policy, out);
  if (Status done = plan_label(process, out); !done) return done;
  if (container.seccomp) {
    auto filter = cached_filter(*container.seccomp, run_dir);
    if (!filter) return std::unexpected(filter.error());
    out.filter = std::move(*filter);
    // This process has one thread, so TSYNC has nothing to do; WAIT_KILLABLE_RECV is for listeners.
    identity.filter_flags = static_cast<unsigned>(container.seccomp->flags & ~1UL);
    if (!container.seccomp->notify) identity.filter_flags &= ~32U;
    else if (Status done = plan_gate(out); !done) return done;
  }
  return {};
}

} // namespace fairlead
