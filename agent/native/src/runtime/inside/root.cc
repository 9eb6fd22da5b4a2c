// Attaching the root file system and making it "/". Runs between clone and exec: no allocation.
#include "runtime/inside/root.hh"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "base/fd.hh"
#include "runtime/inside/report.hh"

namespace fairlead::inside {

namespace {

// pivot_root(2) with both names the same stacks the old root on the new one, so that no directory
// is needed for it (pivot_root(2), "pivot_root(".", ".")").
bool pivot() {
  const Fd old(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!old) return broke("open", "/");
  if (syscall(SYS_pivot_root, ".", ".") < 0) return broke("pivot_root");
  if (fchdir(old.get()) < 0) return broke("enter old root");
  // Its unmounting must not reach the host.
  if (mount(nullptr, ".", nullptr, MS_SLAVE | MS_REC, nullptr) < 0) return broke("make slave", "/");
  return umount2(".", MNT_DETACH) == 0 || broke("unmount old root");
}

// Where pivot_root(2) does not work (a root of initramfs), the root lies on top of the old one,
// where attach_root has put it. That one stays mounted below, so the host's procfs and sysfs go:
// through them the kernel would let a container mount its own without their masks (as runc does).
bool leave_for_root() {
  for (const char* path : {"/proc", "/sys"}) {
    if (umount2(path, MNT_DETACH) == 0 || errno == EINVAL || errno == ENOENT) continue;
    if (mount("tmpfs", path, "tmpfs", 0, nullptr) < 0) return broke("cover the host's", path);
  }
  return chroot(".") == 0 || broke("chroot");
}

bool make_readonly() {
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY;
  if (syscall(SYS_mount_setattr, AT_FDCWD, "/", 0, &attributes, sizeof attributes) == 0)
    return true;
  if (errno != ENOSYS) return broke("make root read-only", "/");
  struct statfs info{};
  if (statfs("/", &info) < 0) return broke("statfs", "/");
  // The ST_* bits of statfs(2) below 0x10 equal the MS_* bits of mount(2).
  const unsigned long kept = static_cast<unsigned long>(info.f_flags) & 0xf;
  if (mount(nullptr, "/", nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY | kept, nullptr) < 0)
    return broke("make root read-only", "/");
  return true;
}

} // namespace

int attach_root(const Plan& plan) {
  if (!plan.root_is_tree) return plan.root;
  if (mount(nullptr, "/", nullptr, plan.initial_propagation, nullptr) < 0) {
    broke("set propagation", "/");
    return -1;
  }
  // On top of "/" itself: always there, and reachable whatever its owner's rights on the way.
  if (syscall(SYS_move_mount, plan.root, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0) {
    broke("attach root");
    return -1;
  }
  // A clone of a shared mount is its peer: what is mounted here must not appear on the host.
  if (fchdir(plan.root) < 0 ||
      mount(nullptr, ".", nullptr, plan.root_tree_propagation, nullptr) < 0) {
    broke("set propagation", "/");
    return -1;
  }
  return plan.root;
}

bool enter_root(int root, const Plan& plan) {
  Fd owned(root);
  if (fchdir(root) < 0) return broke("enter root");
  if (!plan.root_is_tree) {
    if (chroot(".") < 0) return broke("chroot");
  } else if (!(plan.no_pivot ? leave_for_root() : pivot())) {
    return false;
  }
  if (chdir("/") < 0) return broke("enter root");
  owned.reset(); // nothing that a working directory of /proc/self/fd/N could name
  if (plan.root_readonly && plan.root_is_tree && !make_readonly()) return false;
  if (plan.root_propagation != 0 && plan.root_is_tree &&
      mount(nullptr, "/", nullptr, plan.root_propagation, nullptr) < 0)
    return broke("set propagation", "/");
  return true;
}

} // namespace fairlead::inside
