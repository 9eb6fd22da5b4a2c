// Changing a mount that is in place: mount_setattr(2), and mount(2) for Linux before 5.12. Runs
// between clone and exec: no allocation.
#include "runtime/inside/attributes.hh"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "runtime/inside/paths.hh"

#ifndef MS_NOSYMFOLLOW
#define MS_NOSYMFOLLOW 256
#endif
#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000
#endif

namespace fairlead::inside {

namespace {

// One property by its three names: ST_* of statfs(2), MOUNT_ATTR_*, MS_* of mount(2).
struct Property {
  unsigned long shown;
  uint64_t attribute;
  unsigned long flag;
};
constexpr Property PROPERTIES[] = {{1, MOUNT_ATTR_RDONLY, MS_RDONLY},
                                   {2, MOUNT_ATTR_NOSUID, MS_NOSUID},
                                   {4, MOUNT_ATTR_NODEV, MS_NODEV},
                                   {8, MOUNT_ATTR_NOEXEC, MS_NOEXEC},
                                   {1024, MOUNT_ATTR_NOATIME, MS_NOATIME},
                                   {2048, MOUNT_ATTR_NODIRATIME, MS_NODIRATIME},
                                   {8192, MOUNT_ATTR_NOSYMFOLLOW, MS_NOSYMFOLLOW}};
constexpr unsigned long SHOWN_RELATIME = 4096;

// The attribute of relatime is 0: it is what is left when neither of the others is set.
bool remount(int mounted, const char* path, const mount_attr& wish) {
  struct statfs info{};
  if (fstatfs(mounted, &info) < 0) return false;
  const auto shown = static_cast<unsigned long>(info.f_flags);
  uint64_t attributes = 0;
  for (const Property& one : PROPERTIES)
    if ((shown & one.shown) != 0) attributes |= one.attribute;
  if ((shown & SHOWN_RELATIME) == 0 && (attributes & MOUNT_ATTR_NOATIME) == 0)
    attributes |= MOUNT_ATTR_STRICTATIME;
  attributes = (attributes & ~wish.attr_clr) | wish.attr_set;
  unsigned long flags = MS_REMOUNT | MS_BIND;
  for (const Property& one : PROPERTIES)
    if ((attributes & one.attribute) != 0) flags |= one.flag;
  const uint64_t times = attributes & MOUNT_ATTR__ATIME;
  if (times == MOUNT_ATTR_STRICTATIME) flags |= MS_STRICTATIME;
  if (times == MOUNT_ATTR_RELATIME) flags |= MS_RELATIME;
  return mount(nullptr, path, nullptr, flags, nullptr) == 0;
}

} // namespace

bool change_mount(int mounted, const mount_attr& wish, bool recursive) {
  if (syscall(SYS_mount_setattr, mounted, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), &wish,
              sizeof wish) == 0)
    return true;
  if (errno != ENOSYS) return false;
  // mount(2) wants a path; that of a descriptor in a procfs of our own leads nowhere else.
  const Fd proc = open_private_proc();
  if (!proc) return false;
  char path[32];
  snprintf(path, sizeof path, "self/fd/%d", mounted);
  bool good = fchdir(proc.get()) == 0;
  if (good && (wish.attr_set != 0 || wish.attr_clr != 0)) good = remount(mounted, path, wish);
  if (good && wish.propagation != 0) {
    const unsigned long depth = recursive ? MS_REC : 0;
    good = mount(nullptr, path, nullptr, wish.propagation | depth, nullptr) == 0;
  }
  return good;
}

} // namespace fairlead::inside
