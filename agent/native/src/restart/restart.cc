// Restart policy with back-off, by the rules of dockerd (restartmanager.go).
#include "restart/restart.hh"

#include <algorithm>
#include <utility>

namespace fairlead {

namespace {

using Policy = RestartSettings::Policy;

constexpr int64_t FIRST_DELAY_MS = 100;
constexpr int64_t LONGEST_DELAY_MS = 60'000;
// What has run so long begins anew with the waiting, but not with the counting.
constexpr int64_t STABLE_MS = 10'000;

constexpr std::pair<std::string_view, Policy> POLICIES[] = {
    {"no", Policy::no},
    {"always", Policy::always},
    {"unless-stopped", Policy::unless_stopped},
    {"on-failure", Policy::on_failure},
};

// `always` also brings back what a user has stopped, when the host boots: nobody asks in between.
bool wanted(const RestartSettings& settings, int64_t count, const Ending& ending) {
  switch (settings.policy) {
  case Policy::no: return false;
  case Policy::always: return true;
  case Policy::unless_stopped: return !ending.stop_requested;
  case Policy::on_failure:
    return !ending.stop_requested && ending.exit_code != 0 &&
           (settings.max_retries == 0 || count < settings.max_retries);
  }
  return false;
}

} // namespace

std::optional<Policy> restart_policy(std::string_view name) {
  const auto* const found =
      std::ranges::find(POLICIES, name, &std::pair<std::string_view, Policy>::first);
  if (found == std::end(POLICIES)) return std::nullopt;
  return found->second;
}

std::optional<Restarts> next_restart(const RestartSettings& settings, const Restarts& before,
                                     const Ending& ending) {
  if (!wanted(settings, before.count, ending)) return std::nullopt;
  const int64_t last = ending.ran_ms >= STABLE_MS ? 0 : before.delay_ms;
  const int64_t delay = last == 0 ? FIRST_DELAY_MS : std::min(last * 2, LONGEST_DELAY_MS);
  return Restarts{before.count + 1, delay};
}

} // namespace fairlead
