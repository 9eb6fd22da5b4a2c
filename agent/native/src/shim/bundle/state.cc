// Rendering of the state, and fsync(2).
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
