// Descriptors 0 to 2. Runs between clone and exec: no allocation.
#include "runtime/inside/stdio.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "runtime/inside/report.hh"

namespace fairlead::inside {

bool take_stdio(const Plan& plan) {
  int from[3] = {plan.in, plan.out, plan.err};
  for (int& fd : from) {
    if (fd > 2) continue;
    fd = fcntl(fd, F_DUPFD_CLOEXEC, 3 + plan.identity.kept_fds);
    if (fd < 0) return broke("dup stdio");
  }
  for (int slot = 0; slot < 3; ++slot)
    if (dup2(from[slot], slot) < 0) return broke("dup stdio");
  return true;
}

// As runc and crun do. Devices are others': /dev/null is everybody's, and who may open the terminal
// of a caller is not for a container to change. Where the owner cannot be changed (a pipe of an
// owner that the user namespace does not know, a read-only file system) it stays.
bool own_stdio(uid_t uid) {
  for (int slot = 0; slot < 3; ++slot) {
    struct stat info{};
    if (fstat(slot, &info) < 0) return broke("look at stdio");
    if (info.st_uid == uid || S_ISCHR(info.st_mode) || S_ISBLK(info.st_mode)) continue;
    if (fchown(slot, uid, static_cast<gid_t>(-1)) < 0 && errno != EINVAL && errno != EPERM &&
        errno != EROFS)
      return broke("own stdio");
  }
  return true;
}

} // namespace fairlead::inside
