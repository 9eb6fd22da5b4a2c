// Whether and when an ended container begins again. Pure: times come from the caller.
#pragma once
#include <cstdint>
#include <optional>

#include "shim/bundle/settings.hh"

namespace fairlead::shim {

class Restart {
public:
  // The delay before the next start in ms; nothing when the policy says to stay ended.
  std::optional<int64_t> after_exit(const RestartSettings& settings, int exit_code, int64_t ran_ms);
  int64_t count() const { return count_; }

private:
  int64_t delay_ms_ = 0;
  int64_t count_ = 0; // restarts so far
};

} // namespace fairlead::shim
