// Opening and making paths inside a root that its content may try to lead out of. Every lookup is
// openat2(2) with RESOLVE_IN_ROOT. Runs between clone and exec: no allocation.
#include "runtime/inside/paths.hh"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>

namespace fairlead::inside {

namespace {

constexpr int MOST_LINKS = 40;

// A path under way: its first `done` bytes exist; links found missing are written out in place.
struct Walk {
  char text[PATH_MAX];
  size_t length = 0;

  bool set(const char* head, size_t head_length, const char* link, size_t link_length,
           const char* rest) {
    const size_t rest_length = strlen(rest);
    if (head_length + link_length + rest_length + 2 >= sizeof text) {
      errno = ENAMETOOLONG;
      return false;
    }
    char joined[PATH_MAX];
    size_t at = 0;
    if (link[0] != '/') {
      memcpy(joined, head, head_length);
      at = head_length;
      if (at > 0) joined[at++] = '/';
    }
    memcpy(joined + at, link, link_length);
    at += link_length;
    memcpy(joined + at, rest, rest_length + 1);
    memcpy(text, joined, at + rest_length + 1);
    length = at + rest_length;
    return true;
  }
};

int make_one(int parent, const char* name, bool directory) {
  if (directory) return mkdirat(parent, name, 0755);
  const Fd fd(openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  return fd ? 0 : -1;
}

// One attempt: makes the parts that are missing. 0 done, 1 a dangling link was written out (go
// again), -1 failed, as it does at a link where `resolve` forbids them.
int make_parts(int root, Walk& walk, bool directory, uint64_t resolve) {
  size_t start = 0;
  while (start < walk.length) {
    while (walk.text[start] == '/') ++start;
    size_t end = start;
    while (end < walk.length && walk.text[end] != '/') ++end;
    if (end == start) break;
    const bool last = walk.text[end] == '\0' || walk.text[end + strspn(walk.text + end, "/")] == 0;
    const char saved = walk.text[end];
    walk.text[end] = '\0';
    if (!open_inside(root, walk.text, O_PATH, resolve)) {
      if (errno != ENOENT) return -1;
      const char* name = nullptr;
      const size_t head = start > 0 ? start - 1 : 0;
      char parent_path[PATH_MAX];
      memcpy(parent_path, walk.text, head);
      parent_path[head] = '\0';
      const Fd parent =
          open_inside(root, head == 0 ? "." : parent_path, O_PATH | O_DIRECTORY, resolve);
      if (!parent) return -1;
      name = walk.text + start;
      if (make_one(parent.get(), name, directory || !last) < 0) {
        char link[PATH_MAX];
        const ssize_t size =
            errno == EEXIST ? readlinkat(parent.get(), name, link, sizeof link) : -1;
        if (size <= 0 || static_cast<size_t>(size) >= sizeof link) return -1;
        if (resolve & RESOLVE_NO_SYMLINKS) {
          errno = ELOOP;
          return -1;
        }
        link[size] = '\0';
        walk.text[end] = saved;
        char rest[PATH_MAX];
        memcpy(rest, walk.text + end, walk.length - end + 1);
        return walk.set(parent_path, head, link, static_cast<size_t>(size), rest) ? 1 : -1;
      }
    }
    walk.text[end] = saved;
    start = end;
  }
  return 0;
}

// All the parts that are missing, and what dangling links lead to. Apart, as the texts of a walk
// take six pages of the stack.
[[gnu::noinline]] bool make_all(int root, const char* path, bool directory, uint64_t resolve) {
  Walk walk;
  if (!walk.set("", 0, path, strlen(path), "")) return false;
  for (int links = 0; links < MOST_LINKS; ++links) {
    const int made = make_parts(root, walk, directory, resolve);
    if (made <= 0) return made == 0;
  }
  errno = ELOOP;
  return false;
}

// The folder of a path, "." where it has none; null with errno when it is too long.
struct Folder {
  char held[PATH_MAX];
  const char* text = held;

  Folder(const char* path, const char** name) {
    const char* slash = strrchr(path, '/');
    *name = slash == nullptr ? path : slash + 1;
    const size_t length = slash == nullptr ? 1 : static_cast<size_t>(slash - path);
    if (length >= sizeof held) {
      text = nullptr;
      errno = ENAMETOOLONG;
      return;
    }
    memcpy(held, slash == nullptr ? "." : path, length);
    held[length] = '\0';
  }
};

// The usual case: only the last part is missing, and no link has its name.
bool make_last(int root, const char* path, bool directory, uint64_t resolve) {
  const char* name = nullptr;
  const Folder folder(path, &name);
  if (folder.text == nullptr || *name == '\0') return false;
  const Fd parent = open_inside(root, folder.text, O_PATH | O_DIRECTORY, resolve);
  return parent && make_one(parent.get(), name, directory) == 0;
}

} // namespace

Fd open_inside(int root, const char* path, uint64_t flags, uint64_t resolve) {
  open_how how{};
  how.flags = flags | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | resolve;
  // The kernel answers EAGAIN when a rename raced with "..": openat2(2) says to try again.
  for (int attempt = 0; attempt < 128; ++attempt) {
    const long fd = syscall(SYS_openat2, root, path[0] == '\0' ? "." : path, &how, sizeof how);
    if (fd >= 0 || errno != EAGAIN) return Fd(static_cast<int>(fd));
  }
  return {};
}

Fd make_inside(int root, const char* path, bool directory, bool ordinary) {
  const uint64_t resolve = ordinary ? RESOLVE_NO_SYMLINKS : 0;
  Fd fd = open_inside(root, path, O_PATH, resolve);
  if (fd || errno != ENOENT) return fd;
  const bool made =
      make_last(root, path, directory, resolve) || make_all(root, path, directory, resolve);
  return made ? open_inside(root, path, O_PATH, resolve) : Fd();
}

Fd open_parent(int root, const char* path, const char** name) {
  const Folder folder(path, name);
  return folder.text == nullptr ? Fd() : make_inside(root, folder.text, true);
}

bool is_filesystem(int fd, long magic) {
  struct statfs info{};
  return fstatfs(fd, &info) == 0 && info.f_type == magic;
}

Fd open_private_proc() {
  const Fd context(static_cast<int>(syscall(SYS_fsopen, "proc", FSOPEN_CLOEXEC)));
  if (!context) return {};
  if (syscall(SYS_fsconfig, context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) == 0) {
    Fd mounted(static_cast<int>(syscall(SYS_fsmount, context.get(), FSMOUNT_CLOEXEC, 0)));
    if (mounted) return mounted;
  }
  // Refused in a user namespace whose /proc has masks: then that one, without what covers it.
  Fd mounted(static_cast<int>(
      syscall(SYS_open_tree, AT_FDCWD, "/proc", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)));
  if (!mounted || is_filesystem(mounted.get(), PROC_SUPER_MAGIC)) return mounted;
  errno = ENODEV;
  return {};
}

} // namespace fairlead::inside
