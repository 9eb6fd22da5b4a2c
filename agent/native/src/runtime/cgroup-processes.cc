// The processes of a cgroup: freezing, thawing, signalling, and news of the out-of-memory killer.
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "base/file.hh"
#include "runtime/cgroup.hh"

namespace fairlead {

namespace {

constexpr int FREEZE_TRIES = 1000; // of 10 ms
constexpr int64_t FREEZE_MS = 60'000;

// The value of "key N" in one of the kernel's flat files.
std::string value_of(const std::string& path, const std::string& key) {
  const auto text = read_file(path, 65536);
  if (!text) return "";
  size_t at = text->starts_with(key + " ") ? 0 : text->find("\n" + key + " ");
  if (at == text->npos) return "";
  at = text->find(' ', at) + 1;
  return text->substr(at, text->find('\n', at) - at);
}

void gather(const std::string& directory, int depth, std::vector<pid_t>& pids) {
  if (const auto text = read_file(directory + "/cgroup.procs")) {
    const char* at = text->c_str();
    while (*at != '\0') {
      char* end = nullptr;
      const long pid = strtol(at, &end, 10);
      if (end == at) break;
      if (pid > 0) pids.push_back(static_cast<pid_t>(pid));
      at = end + strspn(end, "\n");
    }
  }
  DIR* listing = depth < 32 ? opendir(directory.c_str()) : nullptr;
  if (listing == nullptr) return;
  while (const dirent* entry = readdir(listing))
    if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
      gather(directory + "/" + entry->d_name, depth + 1, pids);
  closedir(listing);
}

bool exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

// Whether the processes of a group stand, or go on, as they were told last. On v1 THAWED or FROZEN
// follow FREEZING.
Result<bool> has_settled(const std::string& v2, const std::string& v1, bool frozen) {
  if (!v2.empty() && exists(v2 + "/cgroup.freeze"))
    return value_of(v2 + "/cgroup.events", "frozen") == (frozen ? "1" : "0");
  const auto text = read_file(v1 + "/freezer.state", 64);
  if (!text) return std::unexpected(text.error());
  return text->starts_with(frozen ? "FROZEN" : "THAWED");
}

Async<Status> settle(Waiter& waiter, Cgroup cgroup, bool frozen) {
  const std::string v2 = cgroup.directory_of(""), v1 = cgroup.directory_of("freezer");
  for (int tries = 0; tries < FREEZE_TRIES && !waiter.over(); ++tries) {
    const auto settled = has_settled(v2, v1, frozen);
    if (!settled) co_return std::unexpected(settled.error());
    if (*settled) co_return Status{};
    co_await waiter.pause(tries < 10 ? 1 : 10);
  }
  co_return refuse("freeze cgroup", "the processes did not stop within 10 s", cgroup.path());
}

} // namespace

Status Cgroup::ask_frozen(bool frozen) const {
  const std::string v2 = directory_of(""), v1 = directory_of("freezer");
  if (!v2.empty() && exists(v2 + "/cgroup.freeze")) // Linux 5.2
    return write_file(v2 + "/cgroup.freeze", frozen ? "1" : "0");
  if (v1.empty()) return refuse("freeze cgroup", "this host has no freezer");
  return write_file(v1 + "/freezer.state", frozen ? "FROZEN" : "THAWED");
}

Async<Status> freeze(Waiter& waiter, Cgroup cgroup) {
  Status done = cgroup.ask_freeze();
  if (done) done = co_await settle(waiter, cgroup, true);
  if (!done) (void)cgroup.ask_thaw();
  co_return done;
}

Async<Status> thaw(Waiter& waiter, Cgroup cgroup) {
  if (Status done = cgroup.ask_thaw(); !done) co_return done;
  co_return co_await settle(waiter, cgroup, false);
}

Status Cgroup::freeze() const {
  BlockingWaiter waiter(FREEZE_MS);
  return fairlead::freeze(waiter, *this).run();
}

Status Cgroup::thaw() const {
  BlockingWaiter waiter(FREEZE_MS);
  return fairlead::thaw(waiter, *this).run();
}

bool Cgroup::frozen() const {
  const std::string v2 = directory_of("");
  if (!v2.empty() && exists(v2 + "/cgroup.freeze"))
    return value_of(v2 + "/cgroup.events", "frozen") == "1";
  const auto state = read_file(directory_of("freezer") + "/freezer.state", 64);
  return state && (state->starts_with("FROZEN") || state->starts_with("FREEZING"));
}

Result<std::vector<pid_t>> Cgroup::pids() const {
  std::vector<pid_t> pids;
  std::string directory;
  // Another runtime may have left out a hierarchy, such as the v2 tree of a hybrid host.
  for (const char* controller : {"", "pids", "freezer"}) {
    const std::string at = directory_of(controller);
    if (directory.empty() || (!at.empty() && !exists(directory))) directory = at;
  }
  if (directory.empty()) return refuse("list processes", "this host has no cgroups");
  gather(directory, 0, pids);
  return pids;
}

Status Cgroup::kill_all(int signal) const {
  const std::string v2 = directory_of("");
  if (signal == SIGKILL && !v2.empty() && exists(v2 + "/cgroup.kill"))
    return write_file(v2 + "/cgroup.kill", "1"); // Linux 5.14, atomic against forks
  // Bounded: each round catches what was forked meanwhile; frozen processes cannot fork.
  for (int round = 0; round < (signal == SIGKILL ? 10 : 1); ++round) {
    const auto found = pids();
    if (!found) return std::unexpected(found.error());
    if (found->empty()) break;
    for (const pid_t pid : *found)
      if (::kill(pid, signal) < 0 && errno != ESRCH) return fail("kill", std::to_string(pid));
  }
  if (signal == SIGKILL && frozen()) return ask_thaw(); // v1: a frozen process does not die
  return {};
}

uint64_t Cgroup::oom_kills() const {
  const std::string directory = directory_of("memory");
  if (directory.empty()) return 0;
  std::string count = value_of(directory + "/memory.events", "oom_kill");
  if (count.empty()) count = value_of(directory + "/memory.oom_control", "oom_kill"); // 4.13
  return count.empty() ? 0 : strtoull(count.c_str(), nullptr, 10);
}

Fd Cgroup::oom_watch() const {
  const std::string directory = directory_of("memory");
  if (directory.empty()) return {};
  if (exists(directory + "/memory.events"))
    return Fd(open((directory + "/memory.events").c_str(), O_RDONLY | O_CLOEXEC));
  const Fd control(open((directory + "/memory.oom_control").c_str(), O_RDONLY | O_CLOEXEC));
  Fd event(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!control || !event) return {};
  const std::string line = std::to_string(event.get()) + " " + std::to_string(control.get());
  if (!write_file(directory + "/cgroup.event_control", line)) return {};
  return event;
}

} // namespace fairlead
