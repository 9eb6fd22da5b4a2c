// Entering and leaving the shims' cgroup in every hierarchy.
#include "shim/supervisor/home-group.hh"

#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.hh"
#include "runtime/cgroup.hh"
#include "shim/json/fields.hh"

namespace fairlead::shim {

namespace {

// The last shim that leaves may remove the group at the moment when another one enters.
constexpr int MOST_TRIES = 5;

Result<std::string> home_path(const std::string& config_path) {
  const auto text = read_file(config_path, 16u << 20);
  if (!text) return std::unexpected(text.error());
  const auto config = parse_object(*text, config_path);
  if (!config) return std::unexpected(config.error());
  const Json* linux_part = member(*config, "linux");
  const Json* path = linux_part == nullptr ? nullptr : member(*linux_part, "cgroupsPath");
  if (path == nullptr || !path->IsString()) return std::string("/fairlead/shims");
  const std::string whole = path->GetString();
  const size_t slash = whole.find_last_of('/');
  if (!whole.starts_with('/') || slash == 0) return std::string("/fairlead/shims");
  return whole.substr(0, slash) + "/shims";
}

// Being born in a v2 group costs nothing; a running process that is moved waits for a grace period
// of the kernel's RCU, some ten milliseconds. Fails where the kernel lacks it (before 5.7).
Result<pid_t> fork_into(const Fd& group) {
  clone_args arguments{};
  arguments.flags = CLONE_INTO_CGROUP;
  arguments.exit_signal = SIGCHLD;
  arguments.cgroup = static_cast<uint64_t>(group.get());
  const auto pid = static_cast<pid_t>(::syscall(SYS_clone3, &arguments, sizeof arguments));
  if (pid < 0) return fail("clone3 into cgroup");
  return pid;
}

} // namespace

Result<HomeGroup> HomeGroup::open(const std::string& config_path) {
  auto path = home_path(config_path);
  if (!path) return std::unexpected(path.error());
  if (const Status made = Cgroup::at(*path).create({}); !made) return std::unexpected(made.error());
  return HomeGroup(std::move(*path));
}

Result<pid_t> HomeGroup::fork() {
  if (const Fd directory = Cgroup::at(path_).directory()) {
    if (const auto pid = fork_into(directory)) {
      born_ = *pid == 0;
      return pid;
    }
  }
  const pid_t pid = ::fork();
  if (pid < 0) return fail("fork");
  return pid;
}

Status HomeGroup::enter() const {
  const Cgroup group = Cgroup::at(path_);
  Status entered;
  for (int i = 0; i < MOST_TRIES; ++i) {
    entered = born_ ? group.enter_v1() : group.attach(::getpid());
    if (entered) return {};
    if (const Status made = group.create({}); !made) return made;
  }
  return entered;
}

// Every shim leaves before it ends: of two that only looked whether they are the last, each would
// see the other, and the group would stay.
void HomeGroup::leave() const {
  // The top of a delegated tree may hold no processes; its "holder" does (rootless/cgroups.hh).
  const bool left = Cgroup::at("/").attach(::getpid()) || Cgroup::at("/holder").attach(::getpid());
  if (!left) return;
  const std::string parent = path_.substr(0, path_.find_last_of('/'));
  for (const Hierarchy& hierarchy : cgroup_hierarchies()) {
    ::rmdir((hierarchy.mount + path_).c_str());
    if (!parent.empty()) ::rmdir((hierarchy.mount + parent).c_str());
  }
}

} // namespace fairlead::shim
