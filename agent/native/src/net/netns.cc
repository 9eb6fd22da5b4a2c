// Network namespaces: made, pinned to a path by a bind mount, entered for one piece of work.
#include "net/netns.hh"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mount.h>

#include <cstring>

#include "base/fd.hh"
#include "base/loopback.hh"

namespace fairlead {

namespace {

struct Task {
  const std::function<Status()>& work;
  Status outcome;
};

void* perform(void* argument) {
  auto* task = static_cast<Task*>(argument);
  task->outcome = task->work();
  return nullptr;
}

Status on_own_thread(const std::function<Status()>& work) {
  Task task{work, {}};
  pthread_t thread;
  if (const int code = ::pthread_create(&thread, nullptr, perform, &task); code != 0)
    return std::unexpected(Error{"start thread", code, {}, {}});
  ::pthread_join(thread, nullptr);
  return task.outcome;
}

Result<std::string> sysctl_path(const std::string& key) {
  std::string path = "/proc/sys/" + key;
  if (key.find("..") != std::string::npos) return refuse("find sysctl", "not a key", key);
  // In the dotted form a slash stands for a dot within a name, such as eth0/1; see sysctl.d(5).
  if (key.find('/') == std::string::npos) {
    for (size_t i = std::strlen("/proc/sys/"); i < path.size(); i++)
      if (path[i] == '.') path[i] = '/';
  }
  return path;
}

Status write_sysctl(const std::string& key, const std::string& value, bool skip_missing) {
  const auto path = sysctl_path(key);
  if (!path) return std::unexpected(path.error());
  const Fd file(::open(path->c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file && errno == ENOENT && skip_missing) return {};
  if (!file) return fail("set sysctl", key);
  if (::write(file.get(), value.data(), value.size()) < 0) return fail("set sysctl", key);
  return {};
}

} // namespace

Status in_netns(const std::string& path, const std::function<Status()>& work) {
  if (path.empty()) return work();
  const Fd netns(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!netns) return fail("open network namespace", path);
  return on_own_thread([&]() -> Status {
    if (::setns(netns.get(), CLONE_NEWNET) != 0) return fail("enter network namespace", path);
    return work();
  });
}

Status create_netns(const std::string& path) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444));
  if (!file) return fail("make file for network namespace", path);
  const Status made = on_own_thread([&]() -> Status {
    if (::unshare(CLONE_NEWNET) != 0) return fail("make network namespace", path);
    if (::mount("/proc/thread-self/ns/net", path.c_str(), nullptr, MS_BIND, nullptr) != 0)
      return fail("pin network namespace", path);
    return raise_loopback() ? Status{} : fail("raise loopback", path);
  });
  if (!made) {
    ::umount2(path.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW);
    ::unlink(path.c_str());
  }
  return made;
}

Status delete_netns(const std::string& path) {
  // EINVAL: the file is there but nothing is mounted on it.
  if (::umount2(path.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) != 0 && errno != EINVAL &&
      errno != ENOENT) {
    return fail("unpin network namespace", path);
  }
  if (::unlink(path.c_str()) != 0 && errno != ENOENT)
    return fail("remove file of network namespace", path);
  return {};
}

Status set_sysctls(const std::string& netns,
                   const std::vector<std::pair<std::string, std::string>>& values,
                   bool skip_missing) {
  return in_netns(netns, [&]() -> Status {
    for (const auto& [key, value] : values)
      if (Status done = write_sysctl(key, value, skip_missing); !done) return done;
    return {};
  });
}

Result<std::optional<std::string>> get_sysctl(const std::string& netns, const std::string& key) {
  const auto path = sysctl_path(key);
  if (!path) return std::unexpected(path.error());
  std::optional<std::string> value;
  const Status done = in_netns(netns, [&]() -> Status {
    const Fd file(::open(path->c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file) return errno == ENOENT ? Status{} : fail("read sysctl", key);
    char text[4096];
    ssize_t size = ::read(file.get(), text, sizeof text);
    if (size < 0) return fail("read sysctl", key);
    if (size > 0 && text[size - 1] == '\n') size--;
    value = std::string(text, static_cast<size_t>(size));
    return {};
  });
  if (!done) return std::unexpected(done.error());
  return value;
}

} // namespace fairlead
