// One layer being written: applies archive entries to the current root.
#pragma once
#include <archive.h>
#include <archive_entry.h>

#include <cstdint>
#include <ctime>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/error.hh"
#include "unpack/parents.hh"
#include "unpack/whiteout.hh"

namespace fairlead {

class Layer {
public:
  Layer(Whiteouts form, Parents parents) : form_(form), parents_(std::move(parents)) {}

  // Applies one entry and reads its data. The error's path is the entry's name.
  Status apply(archive* reader, archive_entry* entry);

  // Sets the times of directories, which every file written into them has changed.
  Status finish();

  uint64_t entries() const { return entries_; }
  uint64_t bytes() const { return bytes_; }

private:
  Status whiteout(const std::string& path, WhiteoutKind kind);
  Status clear(const std::string& path, bool directory, bool& hidden);
  Status create(archive* reader, archive_entry* entry, const std::string& path);
  Status link(archive_entry* entry, const std::string& path);
  Status write(archive* reader, archive_entry* entry, const std::string& path);
  void remember(archive_entry* entry, const std::string& path);

  struct Times {
    std::string path;
    timespec times[2];
  };
  Whiteouts form_;
  Parents parents_;
  std::unordered_set<std::string> own_;
  std::vector<Times> directories_;
  uint64_t entries_ = 0;
  uint64_t bytes_ = 0;
};

} // namespace fairlead
