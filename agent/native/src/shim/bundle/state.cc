// Rendering and saving of the state.
#include "shim/bundle/state.hh"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>

#include "base/fd.hh"
#include "base/file.hh"
#include "base/rfc3339.hh"
#include "shim/json/quote.hh"

namespace fairlead::shim {

namespace {

const char* name_of(State::Status status) {
  switch (status) {
  case State::Status::created: return "created";
  case State::Status::running: return "running";
  case State::Status::paused: return "paused";
  case State::Status::restarting: return "restarting";
  case State::Status::exited: return "exited";
  }
  return "exited";
}

const char* name_of(HealthState::Status status) {
  switch (status) {
  case HealthState::Status::starting: return "starting";
  case HealthState::Status::healthy: return "healthy";
  case HealthState::Status::unhealthy: return "unhealthy";
  }
  return "unhealthy";
}

void append_health(std::string& out, const HealthState& health) {
  out += ",\"health\":{\"status\":" + quoted(name_of(health.status));
  out += ",\"failingStreak\":" + std::to_string(health.failing_streak) + ",\"log\":[";
  bool first = true;
  for (const ProbeResult& result : health.log) {
    if (!first) out += ',';
    first = false;
    out += "{\"start\":" + quoted(rfc3339(result.start_ns));
    out += ",\"end\":" + quoted(rfc3339(result.end_ns));
    out += ",\"exitCode\":" + std::to_string(result.exit_code);
    out += ",\"output\":" + quoted(result.output) + "}";
  }
  out += "]}";
}

Status write_all(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t count = ::write(fd, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail("write", path);
    text.remove_prefix(static_cast<size_t>(count));
  }
  return {};
}

} // namespace

std::string to_json(const State& state) {
  const auto flag = [](bool value) { return value ? "true" : "false"; };
  std::string out = "{\"status\":" + quoted(name_of(state.status));
  out += ",\"pid\":" + std::to_string(state.pid);
  out += ",\"shimPid\":" + std::to_string(state.shim_pid);
  out += ",\"bootId\":" + quoted(state.boot_id);
  out += ",\"startedAt\":" + quoted(state.started_at);
  out += ",\"finishedAt\":" + quoted(state.finished_at);
  out += ",\"exitCode\":" + std::to_string(state.exit_code);
  out += ",\"signal\":" + std::to_string(state.signal);
  out += std::string(",\"oomKilled\":") + flag(state.oom_killed);
  out += ",\"restartCount\":" + std::to_string(state.restart_count);
  out += ",\"restartDelayMs\":" + std::to_string(state.restart_delay_ms);
  out += std::string(",\"stopRequested\":") + flag(state.stop_requested);
  out += ",\"error\":" + quoted(state.error);
  if (state.health) append_health(out, *state.health);
  return out + "}";
}

Status save(const State& state, const std::string& directory) {
  const std::string path = directory + "/state.json";
  const std::string draft = path + ".new";
  const Fd file(::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return fail("open", draft);
  if (const Status written = write_all(file.get(), to_json(state) + "\n", draft); !written)
    return written;
  if (::rename(draft.c_str(), path.c_str()) != 0) return fail("rename", path);
  return {};
}

void sync_saved(const std::string& directory) {
  const Fd file(::open((directory + "/state.json").c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (file) ::fsync(file.get());
  const Fd folder(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder) ::fsync(folder.get());
}

void begin_sync(const std::string& directory) {
  const Fd file(::open((directory + "/state.json").c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  const Fd folder(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!file || !folder || ::fork() != 0) return;
  // What it has inherited, such as ends of pipes, must not stay open for the time of the disk.
  ::dup2(file.get(), 0);
  ::dup2(folder.get(), 1);
  ::syscall(SYS_close_range, 2, ~0U, 0);
  ::fsync(0);
  ::fsync(1);
  ::_exit(0);
}

Result<std::string> read_boot_id() {
  auto text = read_file("/proc/sys/kernel/random/boot_id", 64);
  if (text && text->ends_with('\n')) text->pop_back();
  return text;
}

} // namespace fairlead::shim
