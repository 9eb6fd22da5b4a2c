// Keeps this binary out of the reach of containers: a process on its way into one must not have the
// host's file as /proc/self/exe, since the container could then overwrite it (CVE-2019-5736).
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/container.hh"

#ifndef MFD_EXEC
#define MFD_EXEC 0x10U
#endif

namespace fairlead {

namespace {

constexpr const char* kSelf = "/proc/self/exe";

bool sealed() {
  struct statvfs info{};
  if (statvfs(kSelf, &info) == 0 && (info.f_flag & ST_RDONLY) != 0) return true;
  const Fd self(open(kSelf, O_RDONLY | O_CLOEXEC));
  const int seals = self ? fcntl(self.get(), F_GET_SEALS) : -1;
  return seals >= 0 && (seals & F_SEAL_WRITE) != 0;
}

// A read-only view of the file that hangs nowhere; it costs no copy. The mount is dissolved when
// exec closes the descriptor, so nobody can make it writable again.
Fd readonly_view() {
  Fd tree(static_cast<int>(
      syscall(SYS_open_tree, AT_FDCWD, kSelf, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)));
  if (!tree) return {};
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY;
  if (syscall(SYS_mount_setattr, tree.get(), "", AT_EMPTY_PATH, &attributes, sizeof attributes) < 0)
    return {};
  return tree;
}

Fd sealed_copy() {
  const Fd self(open(kSelf, O_RDONLY | O_CLOEXEC));
  struct stat info{};
  if (!self || fstat(self.get(), &info) < 0) return {};
  Fd copy(memfd_create("fairlead-runtime", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC));
  if (!copy) copy = Fd(memfd_create("fairlead-runtime", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!copy) return {};
  off_t left = info.st_size;
  while (left > 0) {
    const ssize_t moved = sendfile(copy.get(), self.get(), nullptr, static_cast<size_t>(left));
    if (moved <= 0) return {};
    left -= moved;
  }
  if (fcntl(copy.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0)
    return {};
  return copy;
}

} // namespace

Status seal_binary(char** argv) {
  if (sealed()) return {};
  Fd file = readonly_view();
  if (!file) file = sealed_copy();
  if (!file) return fail("seal binary", kSelf);
  syscall(SYS_execveat, file.get(), "", argv, environ, AT_EMPTY_PATH);
  return fail("run sealed binary", kSelf);
}

} // namespace fairlead
