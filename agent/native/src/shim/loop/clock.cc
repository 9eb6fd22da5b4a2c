// The clock and durations.
#include "shim/loop/clock.hh"

#include <cstdio>
#include <ctime>

namespace fairlead::shim {

int64_t monotonic_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

std::string go_duration(int64_t ms) {
  if (ms == 0) return "0s";
  if (ms < 1000) return std::to_string(ms) + "ms";
  std::string out;
  if (ms >= 3'600'000) out += std::to_string(ms / 3'600'000) + "h";
  if (ms >= 60'000) out += std::to_string(ms / 60'000 % 60) + "m";
  char seconds[32];
  std::snprintf(seconds, sizeof seconds, "%lld.%03lld", static_cast<long long>(ms / 1000 % 60),
                static_cast<long long>(ms % 1000));
  std::string rest = seconds;
  rest.erase(rest.find_last_not_of('0') + 1);
  if (rest.ends_with('.')) rest.pop_back();
  return out + rest + "s";
}

} // namespace fairlead::shim
