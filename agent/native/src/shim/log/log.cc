// Encoding, writing and rotating log lines.
#include "shim/log/log.hh"

#include <fcntl.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstring>

#include "base/rfc3339.hh"
#include "shim/json/quote.hh"

namespace fairlead::shim {

namespace {

// Docker splits longer lines at this size (daemon/logger/copier.go, defaultBufSize).
constexpr size_t LONGEST_LINE = 16 * 1024;
constexpr size_t COMMIT_BYTES = 64 * 1024;

} // namespace

Result<Log> Log::open(const LogSettings& settings) {
  Log log(settings);
  if (settings.driver == LogSettings::Driver::none) return log;
  if (const Status opened = log.reopen(); !opened) return std::unexpected(opened.error());
  return log;
}

void Log::write(Channel channel, std::string_view bytes) {
  if (settings_.driver == LogSettings::Driver::none) return;
  const std::string time = now_rfc3339();
  std::string& unfinished = partial(channel);
  while (!bytes.empty()) {
    const size_t room = LONGEST_LINE - unfinished.size();
    const size_t newline = bytes.substr(0, room).find('\n');
    const size_t length =
        newline != std::string_view::npos ? newline + 1 : std::min(room, bytes.size());
    const bool whole = newline != std::string_view::npos || length == room;
    if (whole && unfinished.empty()) {
      append_line(bytes.substr(0, length), channel, time);
    } else {
      unfinished.append(bytes.substr(0, length));
      if (whole) append_line(unfinished, channel, time);
      if (whole) unfinished.clear();
    }
    bytes.remove_prefix(length);
    if (pending_.size() >= COMMIT_BYTES) commit();
  }
  commit();
  if (unfinished.empty()) unfinished.shrink_to_fit();
}

void Log::flush(Channel channel) {
  std::string& unfinished = partial(channel);
  if (unfinished.empty()) return;
  append_line(unfinished, channel, now_rfc3339());
  unfinished.clear();
  commit();
}

void Log::limit(const LogSettings& settings) {
  settings_.max_size_bytes = settings.max_size_bytes;
  settings_.max_files = settings.max_files;
}

void Log::append_line(std::string_view line, Channel channel, const std::string& time) {
  pending_ += "{\"log\":";
  append_quoted(pending_, line);
  pending_ += channel == Channel::out ? ",\"stream\":\"stdout\",\"time\":\""
                                      : ",\"stream\":\"stderr\",\"time\":\"";
  pending_ += time;
  pending_ += "\"}\n";
}

// Writes the encoded lines in as few calls as the rotation limit allows.
void Log::commit() {
  if (unnoted_ != 0 && !pending_.empty()) note_dropped();
  std::string_view rest = pending_;
  const int64_t limit = settings_.max_size_bytes;
  bool rotated = false; // a rotation that could not move the file must not be tried for ever
  while (!rest.empty()) {
    size_t length = 0;
    uint64_t lines = 0;
    while (length < rest.size()) {
      const size_t next = rest.find('\n', length) + 1;
      const bool over = limit > 0 && size_ + static_cast<int64_t>(next) > limit;
      if (over && (lines > 0 || (size_ > 0 && !rotated))) break;
      length = next;
      ++lines;
    }
    if (length == 0) {
      rotate();
      rotated = true;
      continue;
    }
    rotated = false;
    commit_part(rest.substr(0, length), lines);
    rest.remove_prefix(length);
  }
  pending_.clear();
  if (pending_.capacity() > COMMIT_BYTES) pending_.shrink_to_fit();
}

void Log::commit_part(std::string_view lines, uint64_t count) {
  if (put(lines)) return;
  dropped_ += count;
  unnoted_ += count;
}

// All or nothing: half a line would break every reader, so what was written of it is taken back.
bool Log::put(std::string_view bytes) {
  if (!file_ && !reopen()) return false;
  size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t count = ::write(file_.get(), bytes.data() + written, bytes.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      last_errno_ = count < 0 ? errno : EIO;
      if (written > 0 && ::ftruncate(file_.get(), size_) != 0) file_.reset();
      return false;
    }
    written += static_cast<size_t>(count);
  }
  size_ += static_cast<int64_t>(written);
  return true;
}

// Says in the log itself that something is missing from it, once it can be written again.
void Log::note_dropped() {
  std::string note = "{\"log\":";
  append_quoted(note, "fairlead: " + std::to_string(unnoted_) +
                          " log lines were dropped: " + std::strerror(last_errno_) + "\n");
  note += ",\"stream\":\"stderr\",\"time\":\"" + now_rfc3339() + "\"}\n";
  if (put(note)) unnoted_ = 0;
}

// PATH.N-2 -> PATH.N-1 … PATH -> PATH.1; a step that fails leaves that file where it is. A file
// that goes altogether is removed, not emptied: who follows it reads on to its end, and then finds
// the new one.
void Log::rotate() {
  for (int64_t i = settings_.max_files - 1; i > 0; --i) {
    const std::string from = i == 1 ? settings_.path : settings_.path + "." + std::to_string(i - 1);
    ::rename(from.c_str(), (settings_.path + "." + std::to_string(i)).c_str());
  }
  if (settings_.max_files <= 1) {
    if (::unlink(settings_.path.c_str()) != 0 && ::ftruncate(file_.get(), 0) != 0) file_.reset();
  }
  file_.reset();
  size_ = 0;
  if (!reopen()) last_errno_ = errno;
}

Status Log::reopen() {
  constexpr int FLAGS = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  file_.reset(::open(settings_.path.c_str(), FLAGS, 0640));
  if (!file_) {
    last_errno_ = errno;
    return fail("open log", settings_.path);
  }
  struct stat facts{};
  if (::fstat(file_.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) {
    file_.reset();
    return refuse("open log", "not a regular file", settings_.path);
  }
  size_ = facts.st_size;
  return {};
}

} // namespace fairlead::shim
