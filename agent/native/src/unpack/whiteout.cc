// Whiteouts by the OCI image layer specification, "Whiteouts".
#include "unpack/whiteout.hh"

#include <dirent.h>
#include <fcntl.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <vector>

#include "base/fd.hh"
#include "unpack/name.hh"
#include "unpack/remove.hh"

namespace fairlead {

namespace {

Status leave_marker(const std::string& path) {
  const Fd file(open(path.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return fail("write whiteout", printable(path));
  return {};
}

std::string marker_of(const std::string& path) {
  const std::string parent = parent_of(path);
  return (parent == "." ? "" : parent + "/") + ".wh." + base_of(path);
}

Result<std::vector<std::string>> names_in(const std::string& directory) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> open(opendir(directory.c_str()), closedir);
  if (!open) {
    if (errno == ENOENT || errno == ENOTDIR) return names;
    return fail("open directory", printable(directory));
  }
  while (const dirent* entry = readdir(open.get()))
    if (std::strcmp(entry->d_name, ".") != 0 && std::strcmp(entry->d_name, "..") != 0)
      names.emplace_back(entry->d_name);
  return names;
}

} // namespace

WhiteoutKind whiteout_kind(const std::string& base) {
  if (base == ".wh..wh..opq") return WhiteoutKind::opaque;
  if (base.starts_with(".wh..wh.")) return WhiteoutKind::metadata;
  return base.starts_with(".wh.") ? WhiteoutKind::file : WhiteoutKind::none;
}

bool is_whiteout(const struct stat& seen) {
  return S_ISCHR(seen.st_mode) && seen.st_rdev == makedev(0, 0);
}

Status make_opaque(const std::string& directory) {
  if (setxattr(directory.c_str(), "trusted.overlay.opaque", "y", 1, 0) == 0) return {};
  // In a user namespace overlayfs is mounted with userxattr, and reads this name instead.
  if (errno == EPERM && setxattr(directory.c_str(), "user.overlay.opaque", "y", 1, 0) == 0)
    return {};
  return fail("mark directory opaque", printable(directory));
}

Status hide(const std::string& path, Whiteouts form, const std::unordered_set<std::string>& own) {
  if (own.contains(path)) {
    struct stat seen{};
    if (lstat(path.c_str(), &seen) != 0 || !S_ISDIR(seen.st_mode)) return {};
    return hide_content(path, form, own);
  }
  if (form == Whiteouts::plain) return remove_tree(path);
  if (form == Whiteouts::marker) return leave_marker(marker_of(path));
  if (mknod(path.c_str(), S_IFCHR, makedev(0, 0)) == 0 || errno == EEXIST) return {};
  return fail("write whiteout", printable(path));
}

Status hide_content(const std::string& directory, Whiteouts form,
                    const std::unordered_set<std::string>& own) {
  if (form == Whiteouts::overlay) return make_opaque(directory);
  const std::string prefix = directory == "." ? "" : directory + "/";
  if (form == Whiteouts::marker) return leave_marker(prefix + ".wh..wh..opq");
  const auto names = names_in(directory);
  if (!names) return std::unexpected(names.error());
  for (const std::string& name : *names)
    if (Status hidden = hide(prefix + name, form, own); !hidden) return hidden;
  return {};
}

} // namespace fairlead
