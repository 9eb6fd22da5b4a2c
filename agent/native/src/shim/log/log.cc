// Encoding log lines, and what becomes of them.
#include "shim/log/log.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "base/fd.hh"
#include "base/rfc3339.hh"
#include "shim/json/quote.hh"
#include "shim/log/log-file.hh"

namespace fairlead::shim {

namespace {

// Docker splits longer lines at this size (daemon/logger/copier.go, defaultBufSize).
constexpr size_t LONGEST_LINE = 16 * 1024;
constexpr size_t COMMIT_BYTES = 64 * 1024;
constexpr size_t FULL_BYTES = 256 * 1024;

} // namespace

struct Log::Append : Disk::Job {
  explicit Append(std::shared_ptr<LogFile> whose)
      : Job([](Job& job) { static_cast<Append&>(job).carry_out(); }), file(std::move(whose)) {}

  void carry_out() {
    const bool told = !note.empty() && file->append(note, limits) == 0;
    if (told) noted = note_count;
    lost = file->append(lines, limits);
  }

  std::shared_ptr<LogFile> file;
  LogFile::Limits limits;
  std::string note; // about lines that are missing
  uint64_t note_count = 0;
  std::string lines;
  uint64_t noted = 0, lost = 0; // the outcome
};

Log::Log(Disk& disk, LogSettings settings, std::function<void()> relief)
    : disk_(disk), settings_(std::move(settings)), relief_(std::move(relief)),
      file_(std::make_shared<LogFile>(settings_.path)) {}

Result<std::shared_ptr<Log>> Log::open(Disk& disk, const LogSettings& settings,
                                       std::function<void()> relief) {
  std::shared_ptr<Log> log(new Log(disk, settings, std::move(relief)));
  if (settings.driver == LogSettings::Driver::none) return log;
  const std::string& path = settings.path;
  if (path.size() > LogFile::LONGEST_PATH) return refuse("open log", "the path is too long", path);
  constexpr int FLAGS = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  const Fd file(::open(path.c_str(), FLAGS, 0640));
  if (!file) return fail("open log", path);
  struct stat facts{};
  if (::fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode))
    return refuse("open log", "not a regular file", path);
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
  settings_.buffer_bytes = settings.buffer_bytes;
  settings_.attributes = settings.attributes;
}

bool Log::serves(const LogSettings& settings) const {
  return settings.driver == settings_.driver && settings.path == settings_.path;
}

bool Log::full() const { return settings_.buffer_bytes == 0 && pending_.size() >= FULL_BYTES; }

void Log::append_line(std::string_view line, Channel channel, const std::string& time) {
  // Only here: what the disk takes at once is not counted against the buffer.
  if (settings_.buffer_bytes > 0 && writing_ &&
      static_cast<int64_t>(pending_.size() + line.size()) > settings_.buffer_bytes) {
    ++dropped_;
    last_errno_ = ENOBUFS;
    return;
  }
  pending_ += "{\"log\":";
  append_quoted(pending_, line);
  pending_ += channel == Channel::out ? ",\"stream\":\"stdout\"" : ",\"stream\":\"stderr\"";
  if (!settings_.attributes.empty()) pending_.append(",\"attrs\":").append(settings_.attributes);
  pending_ += ",\"time\":\"";
  pending_ += time;
  pending_ += "\"}\n";
}

// Hands the encoded lines over, all that have gathered while the ones before were written.
void Log::commit() {
  if (writing_ || pending_.empty()) return;
  const auto job = std::make_shared<Append>(file_);
  job->limits = {settings_.max_size_bytes, settings_.max_files};
  job->note_count = dropped_;
  if (dropped_ != 0) job->note = dropped_note();
  job->lines.swap(pending_);
  pending_.swap(spare_);
  writing_ = true;
  disk_.submit(job, [log = shared_from_this(), job] { log->on_written(*job); });
}

void Log::on_written(Append& done) {
  const bool was_full = full();
  writing_ = false;
  dropped_ += done.lost - done.noted;
  if (done.lost > 0) last_errno_ = done.file->error();
  done.lines.clear();
  spare_.swap(done.lines);
  commit();
  for (std::string* room : {&pending_, &spare_})
    if (!writing_ && room->capacity() > COMMIT_BYTES) room->shrink_to_fit();
  if (was_full) relief_();
}

// Says in the log itself that something is missing from it, once it can be written again.
std::string Log::dropped_note() const {
  std::string note = "{\"log\":";
  append_quoted(note, "fairlead: " + std::to_string(dropped_) +
                          " log lines were dropped: " + std::strerror(last_errno_) + "\n");
  return note + ",\"stream\":\"stderr\",\"time\":\"" + now_rfc3339() + "\"}\n";
}

} // namespace fairlead::shim
