// Whether and when an ended container begins again: the one restart policy, asked by the shim after
// an exit, and by the agent for a container whose end no shim has seen to. Pure: times come from
// the caller.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace fairlead {

struct RestartSettings {
  enum class Policy { no, always, unless_stopped, on_failure } policy = Policy::no;
  int64_t max_retries = 0; // for on_failure; 0 is without limit
};

// By the name that Docker's users know.
std::optional<RestartSettings::Policy> restart_policy(std::string_view name);

struct Restarts {
  int64_t count = 0;    // so far
  int64_t delay_ms = 0; // before the last one
};

struct Ending {
  int exit_code = 0;
  int64_t ran_ms = 0;
  bool stop_requested = false;
};

// The restart that follows, or nothing when the container stays ended.
std::optional<Restarts> next_restart(const RestartSettings& settings, const Restarts& before,
                                     const Ending& ending);

} // namespace fairlead
