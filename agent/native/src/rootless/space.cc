// Making, joining and ending the namespaces.
#include "rootless/space.hh"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

#include "base/file.hh"
#include "rootless/cgroups.hh"
#include "rootless/ids.hh"

namespace fairlead::rootless {

namespace {

// Ends hidden processes that fork while they are killed.
constexpr int KILL_ROUNDS = 200;
constexpr int DEEPEST_NAMESPACE = 32; // MAX_USER_NS levels of user_namespaces(7)

struct flock whole_file() {
  struct flock lock{};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

std::string setting(const char* path) {
  const auto text = read_file(path, 64);
  return text ? text->substr(0, text->find('\n')) : "";
}

// The kernel says EPERM or ENOSPC only; the settings of distributions say more.
std::unexpected<Error> not_allowed(const char* step) {
  Error error{step, errno, {}, {}};
  if (setting("/proc/sys/kernel/unprivileged_userns_clone") == "0")
    error.detail = "sysctl kernel.unprivileged_userns_clone is 0";
  else if (setting("/proc/sys/user/max_user_namespaces") == "0")
    error.detail = "sysctl user.max_user_namespaces is 0";
  else if (setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1")
    error.detail = "sysctl kernel.apparmor_restrict_unprivileged_userns is 1";
  return std::unexpected(std::move(error));
}

Fd open_namespace(const std::string& pid, const char* name) {
  const std::string path = "/proc/" + pid + "/ns/" + name;
  return Fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

bool is_same(const Fd& a, const Fd& b) {
  struct stat first{}, second{};
  return fstat(a.get(), &first) == 0 && fstat(b.get(), &second) == 0 &&
         first.st_ino == second.st_ino && first.st_dev == second.st_dev;
}

// Whether a process is in the namespace or in one that was made inside it.
bool lives_in(const std::string& pid, const Fd& space) {
  Fd user = open_namespace(pid, "user");
  for (int depth = 0; user && depth < DEEPEST_NAMESPACE; ++depth) {
    if (is_same(user, space)) return true;
    user = Fd(ioctl(user.get(), NS_GET_PARENT));
  }
  return false;
}

std::vector<pid_t> inhabitants(const Fd& space) {
  std::vector<pid_t> found;
  DIR* listing = opendir("/proc");
  if (listing == nullptr) return found;
  while (const dirent* entry = readdir(listing)) {
    const std::string name = entry->d_name;
    if (name.find_first_not_of("0123456789") != name.npos) continue;
    if (lives_in(name, space)) found.push_back(static_cast<pid_t>(std::atol(name.c_str())));
  }
  closedir(listing);
  return found;
}

} // namespace

Result<Fd> open_lock(const std::string& run) {
  if (mkdir(run.c_str(), 0711) != 0 && errno != EEXIST) return fail("make folder", run);
  const std::string path = run + "/space.lock";
  Fd lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock) return fail("open lock", path);
  return lock;
}

Result<pid_t> holder_of(const Fd& lock) {
  struct flock seen = whole_file();
  if (fcntl(lock.get(), F_GETLK, &seen) != 0) return fail("ask for lock");
  return seen.l_type == F_UNLCK ? 0 : seen.l_pid;
}

bool is_ready(const Fd& lock) {
  struct stat info{};
  return fstat(lock.get(), &info) == 0 && info.st_size > 0;
}

Status enter_namespaces(Result<IdMapper> mapper, std::string& note) {
  if (!mapper) return std::unexpected(mapper.error());
  if (unshare(CLONE_NEWUSER) != 0) return not_allowed("make user namespace");
  if (Status done = mapper->map(note); !done) return done;
  if (unshare(CLONE_NEWNS) != 0) return not_allowed("make mount namespace");
  // The host's later mounts come in, for bind mounts of them; none go out.
  if (mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0)
    return not_allowed("separate mounts");
  return {};
}

Status make_space(const Fd& lock) {
  if (geteuid() == 0) return refuse("make namespaces", "root needs none: start the agent itself");
  struct flock wanted = whole_file();
  if (fcntl(lock.get(), F_SETLK, &wanted) != 0)
    return std::unexpected(Error{"hold namespaces", EBUSY, {}, "another process holds them"});
  if (ftruncate(lock.get(), 0) != 0) return fail("empty lock");
  const std::string group = delegated_group();
  if (!group.empty()) {
    if (Status done = enter_leaf(group, "holder"); !done) return done;
  }
  std::string note;
  if (Status done = enter_namespaces(IdMapper::begin(), note); !done) return done;
  if (!note.empty()) std::fprintf(stderr, "fairlead: one id only: %s\n", note.c_str());
  if (Status done = show_only(group); !done) return done;
  // Whoever joins must be able to open /proc/PID/ns.
  if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0) return fail("stay dumpable");
  if (pwrite(lock.get(), "ready\n", 6, 0) != 6) return fail("write lock");
  return {};
}

Status join_space(pid_t holder) {
  const std::string pid = std::to_string(holder);
  const Fd user = open_namespace(pid, "user");
  if (!user) return fail("open user namespace", pid);
  const Fd mounts = open_namespace(pid, "mnt");
  if (!mounts) return fail("open mount namespace", pid);
  // Where no service manager gave the agent a group of its own, it is still in the one that was
  // delegated, which cannot have both processes and limits.
  const std::string group = group_held_by(holder);
  if (!group.empty() && group == delegated_group()) {
    if (Status done = enter_leaf(group, "agent"); !done) return done;
  }
  if (setns(user.get(), CLONE_NEWUSER) != 0) return fail("join user namespace");
  if (setns(mounts.get(), CLONE_NEWNS) != 0) return fail("join mount namespace");
  if (setgroups(0, nullptr) != 0 && errno != EPERM) return fail("set groups");
  if (setresgid(0, 0, 0) != 0) return fail("become group 0 of the user namespace");
  if (setresuid(0, 0, 0) != 0) return fail("become root of the user namespace");
  return {};
}

Status end_space(pid_t holder) {
  const Fd space = open_namespace(std::to_string(holder), "user");
  if (!space) return fail("open user namespace", std::to_string(holder));
  if (is_same(space, open_namespace("self", "user")))
    return refuse("end namespaces", "this process lives in them");
  const std::string group = group_held_by(holder);
  for (int round = 0; round < KILL_ROUNDS; ++round) {
    const auto found = inhabitants(space);
    const bool last = found.empty() || (found.size() == 1 && found[0] == holder);
    for (const pid_t pid : found)
      if (pid != holder || last) kill(pid, SIGKILL);
    if (found.empty()) break;
    const timespec pause{0, 20'000'000};
    nanosleep(&pause, nullptr);
  }
  if (!group.empty()) remove_below(group);
  if (!inhabitants(space).empty()) return refuse("end namespaces", "processes are left in them");
  return {};
}

} // namespace fairlead::rootless
