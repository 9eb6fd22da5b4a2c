// Writing of id maps.
#include "runtime/idmap.hh"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "base/file.hh"

namespace fairlead {

namespace {

// One write(2) must carry the whole map (user_namespaces(7)).
std::string lines(const std::vector<IdMap>& maps) {
  std::string out;
  for (const IdMap& map : maps)
    out += std::to_string(map.inside) + " " + std::to_string(map.outside) + " " +
           std::to_string(map.size) + "\n";
  return out;
}

} // namespace

Status write_id_maps(pid_t pid, const std::vector<IdMap>& uids, const std::vector<IdMap>& gids) {
  const std::string base = "/proc/" + std::to_string(pid);
  if (Status done = write_file(base + "/gid_map", lines(gids)); !done) return done;
  return write_file(base + "/uid_map", lines(uids));
}

Result<Fd> user_namespace_of(const std::vector<IdMap>& uids, const std::vector<IdMap>& gids) {
  if (uids.empty() || gids.empty()) return refuse("map ids of mount", "no id mappings are given");
  const pid_t pid =
      static_cast<pid_t>(syscall(SYS_clone, CLONE_NEWUSER, nullptr, nullptr, nullptr, nullptr));
  if (pid < 0) return fail("make user namespace");
  if (pid == 0)
    for (;;) pause();
  Result<Fd> space = Fd();
  if (Status done = write_id_maps(pid, uids, gids); !done) {
    space = std::unexpected(done.error());
  } else {
    space = Fd(open(("/proc/" + std::to_string(pid) + "/ns/user").c_str(), O_RDONLY | O_CLOEXEC));
    if (!*space) space = fail("open user namespace");
  }
  kill(pid, SIGKILL);
  while (waitpid(pid, nullptr, __WALL) < 0 && errno == EINTR) {
  }
  return space;
}

} // namespace fairlead
