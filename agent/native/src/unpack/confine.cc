// Mount namespace, pivot_root and capabilities of the unpacker.
#include "unpack/confine.hh"

#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace fairlead {

namespace {

// Owners, modes, device nodes, file capabilities, and trusted.overlay.* attributes (SYS_ADMIN).
constexpr int kept_capabilities[] = {CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER,
                                     CAP_FSETID, CAP_MKNOD, CAP_SETFCAP, CAP_SYS_ADMIN};

Status limit_capabilities() {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail("set no_new_privs");
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct held[2] = {};
  if (syscall(SYS_capget, &header, held) != 0) return fail("read capabilities");
  __user_cap_data_struct wanted[2] = {};
  for (const int capability : kept_capabilities) {
    const uint32_t bit = 1U << (capability % 32);
    wanted[capability / 32].effective |= held[capability / 32].permitted & bit;
    wanted[capability / 32].permitted |= held[capability / 32].permitted & bit;
  }
  if (syscall(SYS_capset, &header, wanted) != 0) return fail("limit capabilities");
  return {};
}

} // namespace

Status confine(const std::string& directory) {
  if (unshare(CLONE_NEWNS) != 0) return fail("unshare mount namespace");
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return fail("make mounts private", "/");
  }
  // pivot_root(2) wants a mount point, so the directory is bound onto itself first; "." twice
  // stacks the old root over the new one, from where it is detached.
  const char* path = directory.c_str();
  if (mount(path, path, nullptr, MS_BIND, nullptr) != 0) return fail("bind root", directory);
  if (chdir(path) != 0) return fail("enter root", directory);
  if (syscall(SYS_pivot_root, ".", ".") != 0) return fail("pivot_root", directory);
  if (umount2(".", MNT_DETACH) != 0) return fail("detach host tree", directory);
  if (chdir("/") != 0) return fail("enter root", directory);
  return limit_capabilities();
}

} // namespace fairlead
