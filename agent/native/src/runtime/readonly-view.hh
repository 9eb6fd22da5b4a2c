// A read-only view of this binary's file that hangs nowhere, to run the binary again from; it costs
// no copy. The mount is dissolved with its descriptor, so nobody can make it writable again. Free
// of the C library: start.cc calls it before there is one.
#pragma once
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/syscall.h>

#include "base/raw-syscall.hh"

namespace fairlead {

constexpr const char* OWN_BINARY = "/proc/self/exe";

// A descriptor of the view, or a negative errno: older kernels, and callers without the right.
// `flags` may be OPEN_TREE_CLOEXEC.
inline long readonly_view(unsigned flags) {
  const long tree = raw_syscall(SYS_open_tree, AT_FDCWD, raw(OWN_BINARY), OPEN_TREE_CLONE | flags);
  if (tree < 0) return tree;
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY;
  const long failure = raw_syscall(SYS_mount_setattr, tree, raw(""), AT_EMPTY_PATH,
                                   raw(&attributes), sizeof attributes);
  if (failure == 0) return tree;
  raw_syscall(SYS_close, tree);
  return failure;
}

} // namespace fairlead
