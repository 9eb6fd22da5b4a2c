// Device nodes and the links of /dev. Runs between clone and exec: no allocation.
#include "runtime/inside/devices.hh"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "runtime/inside/paths.hh"
#include "runtime/inside/report.hh"

namespace fairlead::inside {

namespace {

bool same_node(int parent, const char* name, const DeviceStep& device) {
  struct stat info{};
  return fstatat(parent, name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
         (info.st_mode & S_IFMT) == (device.mode & S_IFMT) &&
         (S_ISFIFO(info.st_mode) || info.st_rdev == device.number);
}

// An image may bring anything under the name of a device: only the device itself may stay. The
// mode is exact as the umask is 0; a chmod(2) by name could be led elsewhere.
bool make_node(int parent, const char* name, const DeviceStep& device) {
  if (mknodat(parent, name, device.mode, device.number) < 0) {
    if (errno != EEXIST) return false;
    if (same_node(parent, name, device)) return true;
    // What is mounted there was asked for, and stays, as with runc; an image can mount nothing.
    if (unlinkat(parent, name, 0) < 0) return errno == EBUSY;
    if (mknodat(parent, name, device.mode, device.number) < 0) return false;
  }
  return (device.uid == 0 && device.gid == 0) ||
         fchownat(parent, name, device.uid, device.gid, AT_SYMLINK_NOFOLLOW) == 0;
}

bool bind_node(int parent, const char* name, int tree) {
  const Fd owned(tree);
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  if (!Fd(openat(parent, name, flags, 0666)) && errno != EEXIST) return false;
  const Fd target(openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC));
  return target && syscall(SYS_move_mount, tree, "", target.get(), "",
                           MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) == 0;
}

bool make_link(int dev, const char* name, const char* to) {
  if (symlinkat(to, dev, name) == 0) return true;
  if (errno != EEXIST) return broke("make link", name);
  char there[64];
  const ssize_t size = readlinkat(dev, name, there, sizeof there);
  if (size == static_cast<ssize_t>(strlen(to)) && memcmp(there, to, strlen(to)) == 0) return true;
  if (unlinkat(dev, name, 0) < 0 || symlinkat(to, dev, name) < 0) return broke("make link", name);
  return true;
}

// The directory of the last device, which is that of the next one as a rule.
struct Directory {
  int root;
  Fd fd;
  const char* of = nullptr;
  size_t length = 0;

  explicit Directory(int inside) : root(inside) {}

  bool open(const char* path, const char** name) {
    const char* slash = strrchr(path, '/');
    const size_t wanted = slash == nullptr ? 0 : static_cast<size_t>(slash - path);
    if (fd && wanted == length && memcmp(path, of, length) == 0) {
      *name = slash == nullptr ? path : slash + 1;
      return true;
    }
    fd = open_parent(root, path, name);
    of = path;
    length = wanted;
    return static_cast<bool>(fd);
  }
};

} // namespace

bool make_devices(int root, const Plan& plan) {
  Directory directory(root);
  for (const DeviceStep& device : plan.devices) {
    const char* name = nullptr;
    if (!directory.open(device.path, &name)) return broke("open directory of device", device.path);
    const bool good = device.tree >= 0 ? bind_node(directory.fd.get(), name, device.tree)
                                       : make_node(directory.fd.get(), name, device);
    if (!good) return broke("make device", device.path);
  }
  if (!plan.dev_links) return true;
  const char* first = nullptr;
  if (!directory.open("dev/fd", &first)) return broke("open directory", "dev");
  const int dev = directory.fd.get();
  return make_link(dev, "fd", "/proc/self/fd") && make_link(dev, "stdin", "/proc/self/fd/0") &&
         make_link(dev, "stdout", "/proc/self/fd/1") &&
         make_link(dev, "stderr", "/proc/self/fd/2") && make_link(dev, "ptmx", "pts/ptmx") &&
         (access("/proc/kcore", F_OK) < 0 || make_link(dev, "core", "/proc/kcore"));
}

} // namespace fairlead::inside
