// A tree copy that keeps owners, modes, times, attributes, holes where the file system clones,
// and hard links within a layer.
#include "unpack/flatten.hh"

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <climits>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "unpack/name.hh"
#include "unpack/remove.hh"
#include "unpack/whiteout.hh"

namespace fairlead {

namespace {

using Directory = std::unique_ptr<DIR, int (*)(DIR*)>;

class TreeCopy {
public:
  Status directory(int from, const std::string& to);

private:
  Status entry(int from, const char* name, const std::string& to);
  Status node(int from, const char* name, const struct stat& seen, const std::string& to);
  Status file(int from, const char* name, const struct stat& seen, const std::string& to);
  std::map<std::pair<dev_t, ino_t>, std::string> linked_;
};

bool attribute(int file, const char* name, std::string& value) {
  char buffer[XATTR_SIZE_MAX > 65536 ? 65536 : XATTR_SIZE_MAX];
  const ssize_t size = fgetxattr(file, name, buffer, sizeof buffer);
  if (size < 0) return false;
  value.assign(buffer, static_cast<size_t>(size));
  return true;
}

Status copy_attributes(int from, const std::string& to) {
  std::vector<char> names(65536);
  const ssize_t size = flistxattr(from, names.data(), names.size());
  for (ssize_t at = 0; at < size;) {
    const char* name = names.data() + at;
    at += static_cast<ssize_t>(std::strlen(name)) + 1;
    const bool overlay = std::strncmp(name, "user.overlay.", 13) == 0;
    const bool kept = std::strcmp(name, "security.capability") == 0 ||
                      (std::strncmp(name, "user.", 5) == 0 && !overlay);
    std::string value;
    if (!kept || !attribute(from, name, value)) continue;
    if (lsetxattr(to.c_str(), name, value.data(), value.size(), 0) != 0 && errno != ENOTSUP)
      return fail("set attribute", printable(to));
  }
  return {};
}

Status copy_metadata(const struct stat& seen, const std::string& to) {
  const timespec times[2] = {seen.st_atim, seen.st_mtim};
  if (!S_ISLNK(seen.st_mode) && chmod(to.c_str(), seen.st_mode & 07777) != 0)
    return fail("chmod", printable(to));
  if (utimensat(AT_FDCWD, to.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0)
    return fail("set times", printable(to));
  return {};
}

Status copy_bytes(int from, int to, const std::string& name) {
  if (ioctl(to, FICLONE, from) == 0) return {};
  while (true) {
    const ssize_t copied = copy_file_range(from, nullptr, to, nullptr, 1 << 30, 0);
    if (copied == 0) return {};
    if (copied > 0) continue;
    if (errno != EXDEV && errno != EINVAL && errno != EOPNOTSUPP && errno != ENOSYS)
      return fail("copy", printable(name));
    break;
  }
  std::vector<char> buffer(256 * 1024);
  while (true) {
    const ssize_t count = read(from, buffer.data(), buffer.size());
    if (count == 0) return {};
    if (count < 0) return fail("read", printable(name));
    for (ssize_t at = 0; at < count;) {
      const ssize_t written = write(to, buffer.data() + at, static_cast<size_t>(count - at));
      if (written < 0) return fail("write", printable(name));
      at += written;
    }
  }
}

Status TreeCopy::directory(int from, const std::string& to) {
  const Directory open(fdopendir(dup(from)), closedir);
  if (!open) return fail("open directory", printable(to));
  std::string opaque;
  const bool hides = (attribute(from, "trusted.overlay.opaque", opaque) && opaque == "y") ||
                     (attribute(from, "user.overlay.opaque", opaque) && opaque == "y") ||
                     faccessat(from, ".wh..wh..opq", F_OK, AT_SYMLINK_NOFOLLOW) == 0;
  if (hides) {
    if (Status emptied = empty_tree(to); !emptied) return emptied;
  }
  while (const dirent* found = readdir(open.get())) {
    if (std::strcmp(found->d_name, ".") == 0 || std::strcmp(found->d_name, "..") == 0) continue;
    if (Status copied = entry(from, found->d_name, to); !copied) return copied;
  }
  struct stat seen{};
  if (fstat(from, &seen) != 0) return fail("look at", printable(to));
  if (lchown(to.c_str(), seen.st_uid, seen.st_gid) != 0) return fail("chown", printable(to));
  if (Status copied = copy_attributes(from, to); !copied) return copied;
  return copy_metadata(seen, to);
}

Status TreeCopy::entry(int from, const char* name, const std::string& to) {
  struct stat seen{};
  if (fstatat(from, name, &seen, AT_SYMLINK_NOFOLLOW) != 0) return fail("look at", name);
  const std::string base = name;
  const std::string prefix = to == "." ? "" : to + "/";
  const WhiteoutKind kind = whiteout_kind(base);
  if (kind == WhiteoutKind::file) return remove_tree(prefix + base.substr(4));
  if (kind != WhiteoutKind::none) return {};
  const std::string path = prefix + base;
  if (is_whiteout(seen)) return remove_tree(path);
  struct stat present{};
  const bool merges =
      S_ISDIR(seen.st_mode) && lstat(path.c_str(), &present) == 0 && S_ISDIR(present.st_mode);
  if (!merges) {
    if (Status removed = remove_tree(path); !removed) return removed;
  }
  if (!S_ISDIR(seen.st_mode)) return node(from, name, seen, path);
  if (!merges && mkdir(path.c_str(), 0700) != 0) return fail("mkdir", printable(path));
  const Fd inner(openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!inner) return fail("open directory", printable(path));
  return directory(inner.get(), path);
}

Status TreeCopy::node(int from, const char* name, const struct stat& seen, const std::string& to) {
  if (seen.st_nlink > 1) {
    const auto [known, fresh] = linked_.try_emplace({seen.st_dev, seen.st_ino}, to);
    if (!fresh) {
      if (link(known->second.c_str(), to.c_str()) != 0) return fail("link", printable(to));
      return {};
    }
  }
  if (S_ISREG(seen.st_mode)) return file(from, name, seen, to);
  if (S_ISLNK(seen.st_mode)) {
    char target[PATH_MAX];
    const ssize_t length = readlinkat(from, name, target, sizeof target - 1);
    if (length < 0) return fail("read link", printable(to));
    target[length] = '\0';
    if (symlink(target, to.c_str()) != 0) return fail("symlink", printable(to));
  } else if (mknod(to.c_str(), seen.st_mode, seen.st_rdev) != 0) {
    return fail("mknod", printable(to));
  }
  if (lchown(to.c_str(), seen.st_uid, seen.st_gid) != 0) return fail("chown", printable(to));
  return copy_metadata(seen, to);
}

Status TreeCopy::file(int from, const char* name, const struct stat& seen, const std::string& to) {
  const Fd source(openat(from, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!source) return fail("open", printable(to));
  const Fd made(open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!made) return fail("create", printable(to));
  if (Status copied = copy_bytes(source.get(), made.get(), to); !copied) return copied;
  if (fchown(made.get(), seen.st_uid, seen.st_gid) != 0) return fail("chown", printable(to));
  if (Status copied = copy_attributes(source.get(), to); !copied) return copied;
  return copy_metadata(seen, to);
}

} // namespace

Status flatten(const Fd& layer) {
  TreeCopy copy;
  return copy.directory(layer.get(), ".");
}

} // namespace fairlead
