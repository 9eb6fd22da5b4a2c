// Restart policy with back-off.
#include "shim/supervisor/restart.hh"

#include <algorithm>

namespace fairlead::shim {

namespace {

constexpr int64_t FIRST_DELAY_MS = 100;
constexpr int64_t LONGEST_DELAY_MS = 60'000;
// Docker forgets earlier failures after the same time (restartmanager.go).
constexpr int64_t STABLE_MS = 10'000;

} // namespace

std::optional<int64_t> Restart::after_exit(const RestartSettings& settings, int exit_code,
                                           int64_t ran_ms) {
  using Policy = RestartSettings::Policy;
  if (settings.policy == Policy::no) return {};
  if (ran_ms >= STABLE_MS) delay_ms_ = 0;
  if (settings.policy == Policy::on_failure) {
    if (exit_code == 0) return {};
    if (settings.max_retries > 0 && count_ >= settings.max_retries) return {};
  }
  delay_ms_ = delay_ms_ == 0 ? FIRST_DELAY_MS : std::min(delay_ms_ * 2, LONGEST_DELAY_MS);
  ++count_;
  return delay_ms_;
}

} // namespace fairlead::shim
