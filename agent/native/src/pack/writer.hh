// One layer being written as a tar stream, as Docker and BuildKit write theirs.
#pragma once
#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/error.hh"
#include "base/fd.hh"

namespace fairlead {

// What is written in place of what the tree has; -1 keeps it.
struct Changes {
  int64_t uid = -1;
  int64_t gid = -1;
  int64_t mode = -1; // of files and directories
  // Times after this one (seconds since 1970) are written as it: SOURCE_DATE_EPOCH.
  int64_t latest = INT64_MAX;
};

class LayerWriter {
public:
  explicit LayerWriter(const Changes& changes) : changes_(changes) {}

  Status open(int out);

  // The file, directory, link or device at a clean path, under a name; sockets are left out, as in
  // Docker.
  Status add(const std::string& path, const std::string& name);
  // A directory of the owner that is asked for, or root's, with mode 0755.
  Status directory(const std::string& name);
  // A whiteout: what the layers below have at the path is gone.
  Status deleted(const std::string& path);

  Status finish();

private:
  using Archive = std::unique_ptr<archive, int (*)(archive*)>;
  using Entry = std::unique_ptr<archive_entry, void (*)(archive_entry*)>;

  Status header(archive_entry* entry, const std::string& path);
  Status content(const Fd& file, int64_t size, const std::string& path);

  Changes changes_;
  Archive archive_{nullptr, archive_write_free};
  std::map<std::pair<dev_t, ino_t>, std::string> linked_;
};

} // namespace fairlead
