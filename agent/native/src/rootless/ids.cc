// Maps by newuidmap(1) and newgidmap(1), which are setuid root and check the user's ranges.
#include "rootless/ids.hh"

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "base/file.hh"
#include "base/words.hh"

namespace fairlead::rootless {

namespace {

// What the waiting process ends with.
constexpr int MAPPED = 0;
constexpr int NO_RANGES = 1;
constexpr int NOT_MAPPED = 2;
constexpr int HALF_MAPPED = 3;

// The static C library has no name services, and a user of a directory has no line here.
std::string user_name(uid_t uid) {
  const std::string users = read_file("/etc/passwd").value_or("");
  for (const std::string_view line : lines_of(users)) {
    const auto fields = split(line, ':');
    if (fields.size() > 2 && fields[2] == std::to_string(uid)) return std::string(fields[0]);
  }
  const char* name = ::getenv("USER");
  return name == nullptr ? "" : name;
}

bool is_number(std::string_view text) {
  return !text.empty() && text.size() < 11 && text.find_first_not_of("0123456789") == text.npos;
}

// Arguments of newuidmap: 0 is the user, 1 and up are the ranges, one after the other.
std::vector<std::string> mapping(const char* file, uid_t uid, unsigned own) {
  const std::string name = user_name(uid);
  std::vector<std::string> words = IdMapper::own(own);
  uint64_t next = 1;
  const std::string ranges = read_file(file).value_or("");
  for (const std::string_view line : lines_of(ranges)) {
    const auto fields = split(line, ':');
    if (fields.size() != 3 || (fields[0] != name && fields[0] != std::to_string(uid))) continue;
    if (!is_number(fields[1]) || !is_number(fields[2]) || fields[2] == "0") continue;
    const std::string first(fields[1]), count(fields[2]);
    words.insert(words.end(), {std::to_string(next), first, count});
    next += std::strtoull(count.c_str(), nullptr, 10);
  }
  return words;
}

bool run_mapper(const char* program, pid_t target, const std::vector<std::string>& words) {
  const pid_t child = ::fork();
  if (child < 0) return false;
  if (child == 0) {
    std::string name = program;
    std::string pid = std::to_string(target);
    std::vector<char*> argv = {name.data(), pid.data()};
    for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    ::execvp(program, argv.data());
    ::_exit(127);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int map_ranges(pid_t target, const IdMapper::Words& uids, const IdMapper::Words& gids) {
  if (!run_mapper("newuidmap", target, uids)) return NOT_MAPPED;
  return run_mapper("newgidmap", target, gids) ? MAPPED : HALF_MAPPED;
}

Status map_own(uid_t uid, gid_t gid) {
  if (Status done = write_file("/proc/self/setgroups", "deny"); !done) return done;
  const auto line = [](unsigned id) { return "0 " + std::to_string(id) + " 1"; };
  if (Status done = write_file("/proc/self/uid_map", line(uid)); !done) return done;
  return write_file("/proc/self/gid_map", line(gid));
}

} // namespace

Result<IdMapper> IdMapper::begin() {
  const uid_t uid = ::geteuid();
  const gid_t gid = ::getegid();
  const Words uids = mapping("/etc/subuid", uid, uid), gids = mapping("/etc/subgid", uid, gid);
  const bool ranges = uids != own(uid) && gids != own(gid);
  return ranges ? begin(uids, gids) : begin(own(uid), own(gid));
}

Result<IdMapper> IdMapper::begin(const Words& uids, const Words& gids) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail("make pipe");
  const Fd waits(ends[0]);
  Fd go(ends[1]);
  const pid_t target = ::getpid();
  const uid_t uid = ::geteuid();
  const gid_t gid = ::getegid();
  const pid_t pid = ::fork();
  if (pid < 0) return fail("fork");
  if (pid == 0) {
    go.reset();
    char byte;
    if (::read(waits.get(), &byte, 1) != 1) ::_exit(NOT_MAPPED);
    const bool alone = uids == own(uid) && gids == own(gid); // which needs no help
    ::_exit(alone ? NO_RANGES : map_ranges(target, uids, gids));
  }
  return IdMapper(pid, std::move(go), uid, gid);
}

Status IdMapper::map(std::string& note) {
  if (::write(go_.get(), "g", 1) != 1) return fail("tell the id mapper");
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  const int how = WIFEXITED(status) ? WEXITSTATUS(status) : HALF_MAPPED;
  if (how == HALF_MAPPED)
    return refuse("map ids", "newgidmap refused the ranges of this user", "/etc/subgid");
  if (how != MAPPED) {
    note = how == NO_RANGES ? "the user has no ranges in /etc/subuid and /etc/subgid"
                            : "newuidmap is not installed, not setuid root, or refused";
    if (Status done = map_own(uid_, gid_); !done) return done;
  }
  if (how == MAPPED && ::setgroups(0, nullptr) != 0) return fail("set groups");
  if (::setresgid(0, 0, 0) != 0) return fail("become group 0 of the user namespace");
  if (::setresuid(0, 0, 0) != 0) return fail("become root of the user namespace");
  return {};
}

} // namespace fairlead::rootless
