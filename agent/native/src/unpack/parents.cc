// Implied directories; their attributes come from the layers below, else 0755 root as in Docker.
#include "unpack/parents.hh"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "unpack/name.hh"
#include "unpack/whiteout.hh"

namespace fairlead {

Status Parents::open(const std::string& directory) {
  Fd fd(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return fail("open lower layer", directory);
  lower_.push_back(std::move(fd));
  return {};
}

Status Parents::make(const std::string& path, int links) const {
  struct stat seen{};
  if (path == "." || (stat(path.c_str(), &seen) == 0 && S_ISDIR(seen.st_mode))) return {};
  // At most PATH_MAX / 2 steps deep: the name was limited when it was cleaned.
  if (Status made = make(parent_of(path), links); !made) return made;
  bool hidden = false;
  if (lstat(path.c_str(), &seen) == 0) {
    if (S_ISLNK(seen.st_mode)) return follow(path, links);
    hidden = is_whiteout(seen);
    if (unlink(path.c_str()) != 0) return fail("replace with directory", printable(path));
  }
  if (mkdir(path.c_str(), 0755) != 0) return fail("make directory", printable(path));
  if (hidden) return make_opaque(path);
  struct stat below{};
  if (!find(path, below)) return {};
  if (chown(path.c_str(), below.st_uid, below.st_gid) != 0) return fail("chown", printable(path));
  if (chmod(path.c_str(), below.st_mode & 07777) != 0) return fail("chmod", printable(path));
  return {};
}

// A link of this layer may point to a directory that only a lower layer has: it is made here, and
// overlayfs merges the two.
Status Parents::follow(const std::string& link, int links) const {
  if (links >= 40) return refuse("make directory", "too many symbolic links", printable(link));
  char target[PATH_MAX];
  const ssize_t length = readlink(link.c_str(), target, sizeof target);
  if (length < 0) return fail("read link", printable(link));
  const std::string text(target, static_cast<size_t>(length));
  const Result<std::string> clean =
      clean_name(text.starts_with('/') ? text : parent_of(link) + "/" + text);
  if (!clean) return std::unexpected(clean.error());
  return make(*clean, links + 1);
}

bool Parents::find(const std::string& path, struct stat& found) const {
  for (const Fd& layer : lower_) {
    open_how how{};
    how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    const Fd fd(
        static_cast<int>(syscall(SYS_openat2, layer.get(), path.c_str(), &how, sizeof how)));
    if (fd && fstat(fd.get(), &found) == 0) return true;
  }
  return false;
}

} // namespace fairlead
