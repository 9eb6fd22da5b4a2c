// The file of a log, as the disk's thread writes it: no errno, no allocation. Rotates by size, and
// leaves no line half written.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace fairlead::shim {

class LogFile {
public:
  struct Limits {
    int64_t max_size_bytes = 0; // 0 is without limit
    int64_t max_files = 1;      // the current one included
  };
  static constexpr size_t LONGEST_PATH = 4000;

  explicit LogFile(std::string path) : path_(std::move(path)) {}

  // Appends whole lines in as few calls as the limits allow; returns how many could not be written.
  uint64_t append(std::string_view lines, const Limits& limits);
  int error() const { return error_; } // of the last failure

private:
  bool put(std::string_view bytes);
  void rotate(int64_t max_files);
  bool open();
  void close();

  std::string path_;
  int fd_ = -1; // in the thread's table of descriptors
  int64_t size_ = 0;
  int error_ = 0;
};

} // namespace fairlead::shim
