// Mount namespace, pivot_root and capabilities of the unpacker.
#include "unpack/confine.hh"

#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.hh"

namespace fairlead {

namespace {

// Owners, modes, device nodes, file capabilities, and trusted.overlay.* attributes (SYS_ADMIN).
constexpr int KEPT_CAPABILITIES[] = {CAP_CHOWN,   CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH,
                                     CAP_FOWNER,  CAP_FSETID,       CAP_MKNOD,
                                     CAP_SETFCAP, CAP_SYS_ADMIN};

Status limit_capabilities() {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail("set no_new_privs");
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct held[2] = {};
  if (syscall(SYS_capget, &header, held) != 0) return fail("read capabilities");
  __user_cap_data_struct wanted[2] = {};
  for (const int capability : KEPT_CAPABILITIES) {
    const uint32_t bit = 1U << (capability % 32);
    wanted[capability / 32].effective |= held[capability / 32].permitted & bit;
    wanted[capability / 32].permitted |= held[capability / 32].permitted & bit;
  }
  if (syscall(SYS_capset, &header, wanted) != 0) return fail("limit capabilities");
  return {};
}

// Where a handle leads now, as a path without links. A path through /proc/PID/fd could not be bound
// after unshare: it belongs to the mount namespace that was left.
Result<std::string> path_of(const Fd& fd, const std::string& directory) {
  char path[PATH_MAX];
  const std::string link = "/proc/self/fd/" + std::to_string(fd.get());
  const ssize_t length = readlink(link.c_str(), path, sizeof path);
  if (length < 0 || length == sizeof path) return fail("find root", directory);
  return std::string(path, static_cast<size_t>(length));
}

// Somebody who writes beside the directory may exchange a part of its path at any time.
Status require_same(const Fd& fd, const std::string& directory) {
  struct stat wanted;
  struct stat entered;
  if (fstat(fd.get(), &wanted) != 0 || stat("/", &entered) != 0)
    return fail("stat root", directory);
  if (wanted.st_dev == entered.st_dev && wanted.st_ino == entered.st_ino) return {};
  return refuse("enter root", "the directory was exchanged meanwhile", directory);
}

} // namespace

Status confine(const std::string& directory) {
  const Fd wanted(open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!wanted) return fail("open root", directory);
  const Result<std::string> real = path_of(wanted, directory);
  if (!real) return std::unexpected(real.error());
  if (unshare(CLONE_NEWNS) != 0) return fail("unshare mount namespace");
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    return fail("make mounts private", "/");
  // pivot_root(2) wants a mount point, so the directory is bound onto itself first; "." twice
  // stacks the old root over the new one, from where it is detached.
  const char* path = real->c_str();
  if (mount(path, path, nullptr, MS_BIND, nullptr) != 0) return fail("bind root", directory);
  if (chdir(path) != 0) return fail("enter root", directory);
  if (syscall(SYS_pivot_root, ".", ".") != 0) return fail("pivot_root", directory);
  if (umount2(".", MNT_DETACH) != 0) return fail("detach host tree", directory);
  if (chdir("/") != 0) return fail("enter root", directory);
  if (Status same = require_same(wanted, directory); !same) return same;
  return limit_capabilities();
}

} // namespace fairlead
