// state.json: the truth about one container's process, and the bringing of it to the disk.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "base/error.hh"

namespace fairlead::shim {

struct ProbeResult {
  int64_t start_ns = 0; // real time
  int64_t end_ns = 0;
  int exit_code = 0;
  std::string output;
};

struct HealthState {
  enum class Status { starting, healthy, unhealthy } status = Status::starting;
  int64_t failing_streak = 0;
  std::deque<ProbeResult> log; // the last five
};

struct State {
  enum class Status { created, running, paused, restarting, exited } status = Status::created;
  int pid = 0; // 0 when there is no process
  int shim_pid = 0;
  std::string boot_id;
  std::string started_at;
  std::string finished_at;
  int exit_code = 0;
  int signal = 0;
  bool oom_killed = false;
  int64_t restart_count = 0;
  int64_t restart_delay_ms = 0; // of the last one
  bool stop_requested = false;
  std::string error;
  std::optional<HealthState> health;

  bool alive() const { return status == Status::running || status == Status::paused; }
};

std::string to_json(const State& state);
// Brings the last saved state to the disk, which may take it seconds.
void sync_saved(const std::string& directory);
// The same by a child that ends by itself, so that the caller need not wait for the disk.
void begin_sync(const std::string& directory);
Result<std::string> read_boot_id();

} // namespace fairlead::shim
