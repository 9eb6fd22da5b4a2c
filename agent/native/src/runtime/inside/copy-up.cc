// Fills a fresh tmpfs with what it covers (tmpcopyup). Runs between clone and exec: no allocation.
#include "runtime/inside/copy-up.hh"

#include <dirent.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstring>

#include "base/fd.hh"

namespace fairlead::inside {

namespace {

constexpr int DEEPEST = 64;

struct Entry { // struct linux_dirent64 of getdents64(2)
  uint64_t inode;
  int64_t offset;
  unsigned short length;
  unsigned char type;
  char name[1];
};

bool copy_tree(int from, int to, int depth);

bool copy_file(int from, int to, const char* name) {
  const Fd source(openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!source) return false;
  const Fd copy(openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!copy) return false;
  ssize_t moved;
  do moved = sendfile(copy.get(), source.get(), nullptr, size_t{1} << 24U);
  while (moved > 0);
  return moved == 0;
}

bool copy_link(int from, int to, const char* name) {
  char target[PATH_MAX];
  const ssize_t size = readlinkat(from, name, target, sizeof target - 1);
  if (size < 0) return false;
  target[size] = '\0';
  return symlinkat(target, to, name) == 0;
}

bool copy_directory(int from, int to, const char* name, int depth) {
  if (mkdirat(to, name, 0700) < 0) return false;
  const Fd source(openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!source) return false;
  const Fd copy(openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  return copy && copy_tree(source.get(), copy.get(), depth + 1);
}

bool copy_entry(int from, int to, const char* name, int depth) {
  struct stat info{};
  if (fstatat(from, name, &info, AT_SYMLINK_NOFOLLOW) < 0) return false;
  bool good;
  if (S_ISDIR(info.st_mode)) good = copy_directory(from, to, name, depth);
  else if (S_ISREG(info.st_mode)) good = copy_file(from, to, name);
  else if (S_ISLNK(info.st_mode)) good = copy_link(from, to, name);
  else good = mknodat(to, name, info.st_mode, info.st_rdev) == 0;
  if (!good) return false;
  if (fchownat(to, name, info.st_uid, info.st_gid, AT_SYMLINK_NOFOLLOW) < 0) return false;
  if (!S_ISLNK(info.st_mode) && fchmodat(to, name, info.st_mode & 07777, 0) < 0) return false;
  const timespec times[2] = {info.st_atim, info.st_mtim};
  return utimensat(to, name, times, AT_SYMLINK_NOFOLLOW) == 0;
}

bool copy_tree(int from, int to, int depth) {
  if (depth > DEEPEST) {
    errno = ELOOP;
    return false;
  }
  alignas(8) char buffer[2048];
  for (;;) {
    const long size = syscall(SYS_getdents64, from, buffer, sizeof buffer);
    if (size <= 0) return size == 0;
    for (long at = 0; at < size;) {
      const auto* entry = reinterpret_cast<const Entry*>(buffer + at);
      at += entry->length;
      if (strcmp(entry->name, ".") == 0 || strcmp(entry->name, "..") == 0) continue;
      if (!copy_entry(from, to, entry->name, depth)) return false;
    }
  }
}

} // namespace

bool copy_up(int from, int to) {
  struct stat info{};
  if (fstat(from, &info) < 0 || !copy_tree(from, to, 0)) return false;
  return fchown(to, info.st_uid, info.st_gid) == 0;
}

} // namespace fairlead::inside
