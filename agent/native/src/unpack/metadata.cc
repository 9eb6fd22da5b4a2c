// The order matters: chown(2) clears set-user-ID bits and file capabilities.
#include "unpack/metadata.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <string_view>

#include "unpack/name.hh"

namespace fairlead {

namespace {

// Others are the host's affair (security.selinux) or would let a layer speak to overlayfs itself
// (trusted.overlay.redirect, and user.overlay.… where overlayfs is mounted by a user).
bool is_allowed(std::string_view name) {
  if (name.starts_with("user.overlay.")) return false;
  return name == "security.capability" || name.starts_with("user.");
}

Status set_attributes(archive_entry* entry, const std::string& path) {
  const char* name = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  archive_entry_xattr_reset(entry);
  while (archive_entry_xattr_next(entry, &name, &value, &size) == 0) {
    if (name == nullptr || !is_allowed(name)) continue;
    if (lsetxattr(path.c_str(), name, value, size, 0) == 0) continue;
    // As in Docker: a file system without such attributes, or a type of file that takes none.
    if (errno == ENOTSUP || (errno == EPERM && std::string_view(name).starts_with("user.")))
      continue;
    return fail("set attribute " + printable(name), printable(path));
  }
  return {};
}

} // namespace

void times_of(archive_entry* entry, timespec (&times)[2]) {
  times[1] = {archive_entry_mtime(entry), archive_entry_mtime_nsec(entry)};
  times[0] = times[1];
  if (archive_entry_atime_is_set(entry))
    times[0] = {archive_entry_atime(entry), archive_entry_atime_nsec(entry)};
}

Status set_metadata(archive_entry* entry, const std::string& path, int file) {
  const auto uid = static_cast<uid_t>(archive_entry_uid(entry));
  const auto gid = static_cast<gid_t>(archive_entry_gid(entry));
  const mode_t mode = archive_entry_perm(entry);
  timespec times[2];
  times_of(entry, times);
  const char* name = path.c_str();
  if (file >= 0) {
    if (fchown(file, uid, gid) != 0) return fail("chown", printable(path));
    if (Status set = set_attributes(entry, path); !set) return set;
    if (fchmod(file, mode) != 0) return fail("chmod", printable(path));
    if (futimens(file, times) != 0) return fail("set times", printable(path));
    return {};
  }
  if (lchown(name, uid, gid) != 0) return fail("chown", printable(path));
  if (Status set = set_attributes(entry, path); !set) return set;
  // The mode of a symbolic link means nothing, and chmod(2) would follow it.
  if (archive_entry_filetype(entry) != AE_IFLNK && chmod(name, mode) != 0)
    return fail("chmod", printable(path));
  if (utimensat(AT_FDCWD, name, times, AT_SYMLINK_NOFOLLOW) != 0)
    return fail("set times", printable(path));
  return {};
}

} // namespace fairlead
