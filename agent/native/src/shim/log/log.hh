// The container's json-file log: Docker's line format, rotation by size, and no way to block or
// fail the container: what cannot be written is counted and dropped.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hh"
#include "base/fd.hh"
#include "shim/bundle/settings.hh"

namespace fairlead::shim {

enum class Channel : uint8_t { out = 1, err = 2 }; // the numbers of Docker's stream header

class Log {
public:
  // Fails when the file cannot be made at all: a wrong path is better told at launch.
  static Result<Log> open(const LogSettings& settings);

  void write(Channel channel, std::string_view bytes);
  // Ends a line that has no newline yet; called at the end of a stream.
  void flush(Channel channel);
  // New limits; the driver and the path stay until the next start.
  void limit(const LogSettings& settings);
  uint64_t dropped() const { return dropped_; }

private:
  explicit Log(LogSettings settings) : settings_(std::move(settings)) {}
  std::string& partial(Channel channel) { return channel == Channel::out ? out_ : err_; }
  void append_line(std::string_view line, Channel channel, const std::string& time);
  void commit();
  void commit_part(std::string_view lines, uint64_t count);
  bool put(std::string_view bytes);
  void note_dropped();
  void rotate();
  Status reopen();

  LogSettings settings_;
  Fd file_;
  int64_t size_ = 0;
  uint64_t dropped_ = 0; // lines, ever
  uint64_t unnoted_ = 0; // lines dropped since the log last said so
  int last_errno_ = 0;
  std::string pending_; // encoded lines of this turn
  std::string out_;     // unfinished lines
  std::string err_;
};

} // namespace fairlead::shim
