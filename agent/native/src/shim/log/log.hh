// The container's json-file log: Docker's line format, rotation by size, and no way to block or
// fail the container's supervision: what cannot be written is counted and dropped; while the disk
// stands still the lines wait, and the container's output with them.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.hh"
#include "shim/bundle/settings.hh"
#include "shim/disk/disk.hh"

namespace fairlead::shim {

class LogFile;

enum class Channel : uint8_t { out = 1, err = 2 }; // the numbers of Docker's stream header

// It lives until the last of its lines has been written.
class Log : public std::enable_shared_from_this<Log> {
public:
  // Fails when the file cannot be made at all: a wrong path is better told at launch. `relief` is
  // called when the log is no longer full.
  static Result<std::shared_ptr<Log>> open(Disk& disk, const LogSettings& settings,
                                           std::function<void()> relief);

  void write(Channel channel, std::string_view bytes);
  // Ends a line that has no newline yet; called at the end of a stream.
  void flush(Channel channel);
  // So much waits for the disk that no more should come.
  bool full() const;
  // New limits; the driver and the path stay until the next start.
  void limit(const LogSettings& settings);
  bool serves(const LogSettings& settings) const;

private:
  struct Append;
  Log(Disk& disk, LogSettings settings, std::function<void()> relief);
  std::string& partial(Channel channel) { return channel == Channel::out ? out_ : err_; }
  void append_line(std::string_view line, Channel channel, const std::string& time);
  void commit();
  void on_written(Append& done);
  std::string dropped_note() const;

  Disk& disk_;
  LogSettings settings_;
  std::function<void()> relief_;
  std::shared_ptr<LogFile> file_; // the disk's thread has it while it writes
  bool writing_ = false;
  uint64_t dropped_ = 0; // lines since the log last said so
  int last_errno_ = 0;
  std::string pending_; // encoded lines that wait
  std::string spare_;   // room for more
  std::string out_;     // unfinished lines
  std::string err_;
};

} // namespace fairlead::shim
