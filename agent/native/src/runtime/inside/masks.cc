// Masked and read-only paths. Runs between clone and exec: no allocation.
#include "runtime/inside/masks.hh"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>

#include "runtime/inside/attributes.hh"
#include "runtime/inside/paths.hh"
#include "runtime/inside/report.hh"

namespace fairlead::inside {

namespace {

bool put_tree(int tree, int target) {
  return syscall(SYS_move_mount, tree, "", target, "",
                 MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) == 0;
}

// The host's own, while it is still in reach: one from the image could be a link to anywhere
// (CVE-2025-31133).
Fd open_null() {
  Fd fd(open("/dev/null", O_PATH | O_NOFOLLOW | O_CLOEXEC));
  struct stat info{};
  if (fd && fstat(fd.get(), &info) == 0 && S_ISCHR(info.st_mode) && info.st_rdev == makedev(1, 3))
    return fd;
  if (fd) errno = ENODEV;
  return {};
}

// A path that is not there, or whose parent is a file, needs no mask.
bool absent() { return errno == ENOENT || errno == ENOTDIR; }

bool cover_file(int null_device, int target) {
  const Fd tree(static_cast<int>(syscall(SYS_open_tree, null_device, "",
                                         AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)));
  return tree && put_tree(tree.get(), target);
}

// The first directory gets an empty read-only tmpfs, the others a further view of the same.
bool cover_directory(int root, const char* path, int target, Fd& empty) {
  if (empty) return cover_file(empty.get(), target);
  if (fchdir(target) < 0 || mount("tmpfs", ".", "tmpfs", MS_RDONLY, "size=0k,nr_inodes=1") < 0)
    return false;
  empty = open_inside(root, path, O_PATH | O_DIRECTORY);
  return static_cast<bool>(empty);
}

bool mask(int root, const char* path, int null_device, Fd& empty) {
  const Fd target = open_inside(root, path, O_PATH);
  if (!target) return absent() || broke("open masked path", path);
  struct stat info{};
  bool good = fstat(target.get(), &info) == 0;
  if (good && S_ISDIR(info.st_mode)) good = cover_directory(root, path, target.get(), empty);
  else if (good) good = cover_file(null_device, target.get());
  return good || broke("mask path", path);
}

// Read-only for the whole subtree, as a mount below would stay writable otherwise.
bool protect(int root, const char* path) {
  const Fd target = open_inside(root, path, O_PATH);
  if (!target) return absent() || broke("open read-only path", path);
  const Fd tree(static_cast<int>(
      syscall(SYS_open_tree, target.get(), "",
              AT_EMPTY_PATH | AT_RECURSIVE | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)));
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY;
  // In place before it changes: Linux before 5.12 changes only what is.
  const bool good =
      tree && put_tree(tree.get(), target.get()) && change_mount(tree.get(), attributes, true);
  return good || broke("make path read-only", path);
}

} // namespace

bool hide_paths(int root, const Plan& plan) {
  for (const char* path : plan.readonly)
    if (!protect(root, path)) return false;
  if (plan.masked.count == 0) return true;
  const Fd null_device = open_null();
  if (!null_device) return broke("open", "/dev/null");
  Fd empty;
  for (const char* path : plan.masked)
    if (!mask(root, path, null_device.get(), empty)) return false;
  return true;
}

} // namespace fairlead::inside
