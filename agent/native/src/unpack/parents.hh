// Directories that an archive implies but does not list.
#pragma once
#include <sys/stat.h>

#include <string>
#include <vector>

#include "base/error.hh"
#include "base/fd.hh"

namespace fairlead {

// The layers below the one being unpacked, topmost first. A directory that is made because a file
// needs it takes the owner and mode that it has there, since overlayfs shows the upper one's.
class Parents {
public:
  Status open(const std::string& directory);

  // Makes every missing directory of `path`, which is clean and below the current root.
  Status make(const std::string& path, int links = 0) const;

private:
  bool find(const std::string& path, struct stat& found) const;
  Status follow(const std::string& link, int links) const;
  std::vector<Fd> lower_;
};

} // namespace fairlead
