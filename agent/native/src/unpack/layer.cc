// Entries of an archive become files. Paths are relative to the confined root, so links that are
// followed on the way cannot lead out of it.
#include "unpack/layer.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fd.hh"
#include "unpack/metadata.hh"
#include "unpack/name.hh"
#include "unpack/remove.hh"

namespace fairlead {

namespace {

// Far above any real layer; they end an attack before the disk is full of empty files.
constexpr uint64_t MAX_ENTRIES = 10'000'000;
constexpr int64_t MAX_FILE_BYTES = int64_t{1} << 44;

bool is_metadata(const std::string& path) {
  size_t at = 0;
  while (at < path.size()) {
    const size_t slash = std::min(path.find('/', at), path.size());
    if (whiteout_kind(path.substr(at, slash - at)) == WhiteoutKind::metadata) return true;
    at = slash + 1;
  }
  return false;
}

Status copy_data(archive* reader, int file, int64_t size, const std::string& path) {
  const void* block = nullptr;
  size_t length = 0;
  la_int64_t offset = 0;
  while (true) {
    const int result = archive_read_data_block(reader, &block, &length, &offset);
    if (result == ARCHIVE_EOF) break;
    if (result < ARCHIVE_WARN)
      return refuse("read archive", archive_error_string(reader), printable(path));
    const char* bytes = static_cast<const char*>(block);
    while (length > 0) {
      const ssize_t written = pwrite(file, bytes, length, offset);
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return fail("write", printable(path));
      bytes += written;
      offset += written;
      length -= static_cast<size_t>(written);
    }
  }
  // A sparse file may end in a hole.
  if (ftruncate(file, size) != 0) return fail("set size", printable(path));
  return {};
}

} // namespace

Status Layer::apply(archive* reader, archive_entry* entry) {
  const char* name = archive_entry_pathname(entry);
  if (name == nullptr) name = archive_entry_pathname_utf8(entry);
  if (name == nullptr) return refuse("read name", "an entry has a name that cannot be read");
  if (++entries_ > MAX_ENTRIES) return refuse("read archive", "more than 10 million entries", name);
  const Result<std::string> path = clean_name(name);
  if (!path) return std::unexpected(path.error());
  if (is_metadata(*path)) return {};
  if (Status made = parents_.make(parent_of(*path)); !made) return made;
  const WhiteoutKind kind = whiteout_kind(base_of(*path));
  if (kind != WhiteoutKind::none) return whiteout(*path, kind);

  const bool directory =
      archive_entry_hardlink(entry) == nullptr && archive_entry_filetype(entry) == AE_IFDIR;
  if (*path == "." && !directory) return refuse("read name", "the root must be a directory", name);
  bool hidden = false;
  if (Status cleared = clear(*path, directory, hidden); !cleared) return cleared;
  if (Status created = create(reader, entry, *path); !created) return created;
  if (hidden && directory && form_ == Whiteouts::overlay) {
    if (Status opaque = make_opaque(*path); !opaque) return opaque;
  }
  own_.insert(*path);
  return {};
}

Status Layer::whiteout(const std::string& path, WhiteoutKind kind) {
  const std::string parent = parent_of(path);
  if (kind == WhiteoutKind::opaque) return hide_content(parent, form_, own_);
  const std::string hidden = base_of(path).substr(4);
  if (hidden.empty() || hidden == "." || hidden == "..")
    return refuse("read whiteout", "it names no file", printable(path));
  return hide(parent == "." ? hidden : parent + "/" + hidden, form_, own_);
}

// What stands at the path gives way, except that a directory is merged with a directory.
Status Layer::clear(const std::string& path, bool directory, bool& hidden) {
  struct stat seen{};
  if (lstat(path.c_str(), &seen) != 0) {
    if (errno == ENOENT) return {};
    return fail("look at", printable(path));
  }
  hidden = is_whiteout(seen);
  if (directory && S_ISDIR(seen.st_mode)) return {};
  return remove_tree(path);
}

Status Layer::create(archive* reader, archive_entry* entry, const std::string& path) {
  if (archive_entry_hardlink(entry) != nullptr) return link(entry, path);
  const mode_t type = archive_entry_filetype(entry);
  switch (type) {
  case AE_IFREG: return write(reader, entry, path);
  case AE_IFDIR:
    if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return fail("mkdir", printable(path));
    remember(entry, path);
    break;
  case AE_IFLNK: {
    const char* target = archive_entry_symlink(entry);
    if (target == nullptr || *target == '\0')
      return refuse("read link", "a symbolic link has no target", printable(path));
    if (symlink(target, path.c_str()) != 0) return fail("symlink", printable(path));
    break;
  }
  case AE_IFCHR:
  case AE_IFBLK:
  case AE_IFIFO: {
    const dev_t device = makedev(static_cast<unsigned>(archive_entry_rdevmajor(entry)),
                                 static_cast<unsigned>(archive_entry_rdevminor(entry)));
    if (mknod(path.c_str(), type | 0600, device) == 0) break;
    // No user namespace may make nodes: as with Docker, a rootless engine leaves them out.
    if (errno == EPERM && type != AE_IFIFO) return {};
    return fail("mknod", printable(path));
  }
  default: return {}; // A socket means nothing without its process.
  }
  return set_metadata(entry, path, -1);
}

Status Layer::link(archive_entry* entry, const std::string& path) {
  const Result<std::string> target = clean_name(archive_entry_hardlink(entry));
  if (!target) return std::unexpected(target.error());
  if (::link(target->c_str(), path.c_str()) != 0)
    return fail("link to " + printable(*target), printable(path));
  return {};
}

Status Layer::write(archive* reader, archive_entry* entry, const std::string& path) {
  const int64_t size = archive_entry_size(entry);
  if (size < 0 || size > MAX_FILE_BYTES) {
    return refuse("read archive", "an entry declares " + std::to_string(size) + " bytes",
                  printable(path));
  }
  const Fd file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return fail("create", printable(path));
  if (Status copied = copy_data(reader, file.get(), size, path); !copied) return copied;
  bytes_ += static_cast<uint64_t>(size);
  return set_metadata(entry, path, file.get());
}

void Layer::remember(archive_entry* entry, const std::string& path) {
  Times kept{path, {}};
  times_of(entry, kept.times);
  directories_.push_back(std::move(kept));
}

Status Layer::finish() {
  for (const Times& kept : directories_) {
    struct stat seen{};
    if (lstat(kept.path.c_str(), &seen) != 0 || !S_ISDIR(seen.st_mode)) continue;
    if (utimensat(AT_FDCWD, kept.path.c_str(), kept.times, AT_SYMLINK_NOFOLLOW) != 0)
      return fail("set times", printable(kept.path));
  }
  return {};
}

} // namespace fairlead
