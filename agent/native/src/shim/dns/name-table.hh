// The names that a container can resolve by itself: one file per network, written by the agent.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace fairlead::shim {

class NameTable {
public:
  explicit NameTable(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  // Reads the file again when it is another one than last time. A file that is gone is empty.
  void refresh();
  // Addresses of a lower-case name, 4 or 16 bytes each; null when the table lacks the name.
  const std::vector<std::string>* addresses(const std::string& name) const;
  // The first name of an address; null when the table lacks it.
  const std::string* name(const std::string& address) const;

private:
  void parse(std::string_view text);

  std::string path_;
  ino_t inode_ = 0;
  int64_t modified_ns_ = -1;
  off_t size_ = -1;
  std::unordered_map<std::string, std::vector<std::string>> by_name_;
  std::unordered_map<std::string, std::string> by_address_;
};

} // namespace fairlead::shim
