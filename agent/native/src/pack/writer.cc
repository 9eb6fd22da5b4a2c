// Paths are relative to the confined root. Nothing is followed: a link is packed as a link.
#include "pack/writer.hh"

#include <fcntl.h>
#include <limits.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <string_view>
#include <vector>

#include "unpack/name.hh"

namespace fairlead {

namespace {

std::unexpected<Error> not_written(archive* writer, const std::string& path) {
  const char* text = archive_error_string(writer);
  return refuse("write archive", text == nullptr ? "failed" : text, printable(path));
}

// The same that unpacking accepts; others belong to the host or to overlayfs.
bool is_kept(std::string_view name) {
  if (name.starts_with("user.overlay.")) return false;
  return name == "security.capability" || name.starts_with("user.");
}

Status add_attributes(archive_entry* entry, const std::string& path) {
  std::vector<char> names(65536);
  const ssize_t size = llistxattr(path.c_str(), names.data(), names.size());
  for (ssize_t at = 0; at < size;) {
    const char* name = names.data() + at;
    at += static_cast<ssize_t>(std::strlen(name)) + 1;
    if (!is_kept(name)) continue;
    char value[65536];
    const ssize_t length = lgetxattr(path.c_str(), name, value, sizeof value);
    if (length < 0) return fail("read attribute", printable(path));
    archive_entry_xattr_add_entry(entry, name, value, static_cast<size_t>(length));
  }
  return {};
}

} // namespace

Status LayerWriter::open(int out) {
  archive_.reset(archive_write_new());
  // Extended headers stand only where the plain form does not do, so that layers are small.
  archive_write_set_format_pax_restricted(archive_.get());
  // The one form of attributes that other engines read.
  archive_write_set_format_option(archive_.get(), "pax", "xattrheader", "SCHILY");
  archive_write_add_filter_none(archive_.get());
  archive_write_set_bytes_in_last_block(archive_.get(), 1);
  if (archive_write_open_fd(archive_.get(), out) != ARCHIVE_OK)
    return not_written(archive_.get(), "");
  return {};
}

Status LayerWriter::directory(const std::string& name) {
  const Entry entry(archive_entry_new(), archive_entry_free);
  archive_entry_set_pathname(entry.get(), (name + "/").c_str());
  archive_entry_set_mode(entry.get(), S_IFDIR | 0755);
  archive_entry_set_uid(entry.get(), std::max<int64_t>(changes_.uid, 0));
  archive_entry_set_gid(entry.get(), std::max<int64_t>(changes_.gid, 0));
  archive_entry_set_mtime(entry.get(), std::min<int64_t>(time(nullptr), changes_.latest), 0);
  return header(entry.get(), name);
}

Status LayerWriter::add(const std::string& path, const std::string& name) {
  struct stat seen{};
  if (lstat(path.c_str(), &seen) != 0) return fail("look at", printable(path));
  if (S_ISSOCK(seen.st_mode)) return {};
  const Entry entry(archive_entry_new(), archive_entry_free);
  const bool sets_mode = changes_.mode >= 0 && !S_ISLNK(seen.st_mode);
  const auto mode = sets_mode ? static_cast<mode_t>(changes_.mode) & 07777 : seen.st_mode & 07777;
  archive_entry_set_pathname(entry.get(), (S_ISDIR(seen.st_mode) ? name + "/" : name).c_str());
  archive_entry_set_mode(entry.get(), (seen.st_mode & S_IFMT) | mode);
  archive_entry_set_uid(entry.get(), changes_.uid >= 0 ? changes_.uid : seen.st_uid);
  archive_entry_set_gid(entry.get(), changes_.gid >= 0 ? changes_.gid : seen.st_gid);
  archive_entry_set_mtime(entry.get(), std::min<int64_t>(seen.st_mtime, changes_.latest), 0);
  if (!S_ISDIR(seen.st_mode) && seen.st_nlink > 1) {
    const auto [known, fresh] = linked_.try_emplace({seen.st_dev, seen.st_ino}, name);
    if (!fresh) {
      archive_entry_set_hardlink(entry.get(), known->second.c_str());
      archive_entry_set_size(entry.get(), 0);
      return header(entry.get(), path);
    }
  }
  if (S_ISLNK(seen.st_mode)) {
    char target[PATH_MAX];
    const ssize_t length = readlink(path.c_str(), target, sizeof target - 1);
    if (length < 0) return fail("read link", printable(path));
    target[length] = '\0';
    archive_entry_set_symlink(entry.get(), target);
  } else if (S_ISCHR(seen.st_mode) || S_ISBLK(seen.st_mode)) {
    archive_entry_set_rdevmajor(entry.get(), major(seen.st_rdev));
    archive_entry_set_rdevminor(entry.get(), minor(seen.st_rdev));
  }
  if (Status added = add_attributes(entry.get(), path); !added) return added;
  if (!S_ISREG(seen.st_mode)) return header(entry.get(), path);
  const Fd file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file) return fail("open", printable(path));
  archive_entry_set_size(entry.get(), seen.st_size);
  if (Status written = header(entry.get(), path); !written) return written;
  return content(file, seen.st_size, path);
}

Status LayerWriter::deleted(const std::string& path) {
  const std::string parent = parent_of(path);
  const std::string prefix = parent == "." ? "" : parent + "/";
  const Entry entry(archive_entry_new(), archive_entry_free);
  archive_entry_set_pathname(entry.get(), (prefix + ".wh." + base_of(path)).c_str());
  archive_entry_set_mode(entry.get(), S_IFREG);
  archive_entry_set_size(entry.get(), 0);
  archive_entry_set_mtime(entry.get(), 0, 0);
  return header(entry.get(), path);
}

Status LayerWriter::finish() {
  if (archive_write_close(archive_.get()) != ARCHIVE_OK) return not_written(archive_.get(), "");
  return {};
}

Status LayerWriter::header(archive_entry* entry, const std::string& path) {
  if (archive_write_header(archive_.get(), entry) < ARCHIVE_WARN)
    return not_written(archive_.get(), path);
  return {};
}

// A file that shrinks meanwhile is filled up with zeros by libarchive, one that grows is cut.
Status LayerWriter::content(const Fd& file, int64_t size, const std::string& path) {
  std::vector<char> buffer(256 * 1024);
  while (size > 0) {
    const ssize_t count = read(file.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail("read", printable(path));
    if (count == 0) break;
    const auto wanted = static_cast<size_t>(std::min<int64_t>(count, size));
    if (archive_write_data(archive_.get(), buffer.data(), wanted) < 0)
      return not_written(archive_.get(), path);
    size -= static_cast<int64_t>(wanted);
  }
  return {};
}

} // namespace fairlead
