// Which namespaces a container has, and the settings that belong to them.
#include "runtime/namespaces.hh"

#include <sched.h>

#include <algorithm>
#include <array>

#include "runtime/cgroup.hh"
#include "runtime/prepared.hh"
#include "runtime/relative-path.hh"

namespace fairlead {

namespace {

const Namespace* find(const Spec& spec, int type) {
  for (const Namespace& space : spec.namespaces)
    if (space.type == type) return &space;
  return nullptr;
}

constexpr std::array IPC_SETTINGS = {"msgmax",      "msgmnb",      "msgmni",      "sem",
                                     "shmall",      "shmmax",      "shmmni",      "shm_rmid_forced",
                                     "msg_next_id", "sem_next_id", "shm_next_id", "auto_msgmni"};

// A setting that is not the container's own would change the host.
Status check_setting(const Spec& spec, const std::string& key, const std::string& file) {
  if (relative_inside(file) != file) return refuse("set sysctl", "is not a plain name", key);
  if (file == "kernel/hostname")
    return refuse("set sysctl", "is what `hostname` of the configuration sets", key);
  int needed = 0;
  if (file.starts_with("net/")) needed = CLONE_NEWNET;
  if (file.starts_with("fs/mqueue/")) needed = CLONE_NEWIPC;
  if (file == "kernel/domainname") needed = CLONE_NEWUTS;
  for (const char* name : IPC_SETTINGS)
    if (file == std::string("kernel/") + name) needed = CLONE_NEWIPC;
  if (needed == 0) return refuse("set sysctl", "is not a setting of a namespace", key);
  if (!has_namespace(spec, needed))
    return refuse("set sysctl", "the container has no namespace of its own for it", key);
  return {};
}

} // namespace

bool has_namespace(const Spec& spec, int type) { return find(spec, type) != nullptr; }

bool makes_namespace(const Spec& spec, int type) {
  const Namespace* space = find(spec, type);
  return space != nullptr && space->path.empty();
}

Status plan_sysctls(const Spec& spec, Prepared& out) {
  for (const auto& [key, value] : spec.sysctl) {
    std::string file = key;
    // "net/ipv4/conf/eth0.1/x" and "net.ipv4.conf.eth0/1.x" are the two ways of sysctl(8).
    const bool dotted =
        file.find_first_of("./") != file.npos && file[file.find_first_of("./")] == '.';
    if (dotted)
      for (char& c : file) c = c == '.' ? '/' : c == '/' ? '.' : c;
    if (Status done = check_setting(spec, key, file); !done) return done;
    out.sysctls.push_back({out.text(file), out.text(value)});
  }
  return {};
}

Cgroup cgroup_of(const Spec& spec, const std::string& id) {
  std::string path = spec.cgroups_path;
  if (path.empty()) path = "/fairlead/" + id;
  return Cgroup::at("/" + relative_inside(path));
}

} // namespace fairlead
