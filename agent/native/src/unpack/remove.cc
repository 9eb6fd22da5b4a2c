// Removal by nftw(3): depth first, never through a symbolic link.
#include "unpack/remove.hh"

#include <dirent.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <memory>

#include "unpack/name.hh"

namespace fairlead {

namespace {

int remove_one(const char* path, const struct stat*, int, struct FTW*) { return ::remove(path); }

} // namespace

Status remove_tree(const std::string& path) {
  struct stat seen{};
  if (lstat(path.c_str(), &seen) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return {};
    return fail("look at", printable(path));
  }
  if (!S_ISDIR(seen.st_mode)) {
    if (unlink(path.c_str()) != 0) return fail("remove", printable(path));
    return {};
  }
  if (nftw(path.c_str(), remove_one, 64, FTW_DEPTH | FTW_PHYS) != 0)
    return fail("remove", printable(path));
  return {};
}

Status empty_tree(const std::string& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir(path.c_str()), closedir);
  if (!directory) {
    if (errno == ENOENT || errno == ENOTDIR) return {};
    return fail("open directory", printable(path));
  }
  while (const dirent* entry = readdir(directory.get())) {
    if (std::strcmp(entry->d_name, ".") == 0 || std::strcmp(entry->d_name, "..") == 0) continue;
    if (Status removed = remove_tree(path + "/" + entry->d_name); !removed) return removed;
  }
  return {};
}

} // namespace fairlead
