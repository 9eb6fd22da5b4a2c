// The device lies in a file system that is mounted nowhere and goes with its last descriptor: it
// needs no folder in which devices are allowed (/var and /run often are mounted with nodev).
#include "shim/execution/null-device.hh"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace fairlead::shim {

namespace {

Fd detached_tmpfs() {
  const Fd context(static_cast<int>(::syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC)));
  if (!context ||
      ::syscall(SYS_fsconfig, context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0)
    return {};
  constexpr unsigned ATTRIBUTES = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;
  return Fd(static_cast<int>(::syscall(SYS_fsmount, context.get(), FSMOUNT_CLOEXEC, ATTRIBUTES)));
}

Fd make_device() {
  const Fd folder = detached_tmpfs();
  if (!folder || ::mknodat(folder.get(), "null", S_IFCHR, ::makedev(1, 3)) != 0) return {};
  if (::fchmodat(folder.get(), "null", 0666, 0) != 0) return {};
  return Fd(::openat(folder.get(), "null", O_RDWR | O_CLOEXEC));
}

} // namespace

Result<Fd> own_null_device() {
  if (Fd own = make_device()) return own;
  Fd shared(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!shared) return fail("open", "/dev/null");
  return shared;
}

} // namespace fairlead::shim
