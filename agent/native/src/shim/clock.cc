// Reading and writing times.
#include "shim/clock.hh"

#include <cstdio>
#include <ctime>

namespace fairlead::shim {

int64_t monotonic_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

int64_t realtime_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

std::string rfc3339(int64_t ns) {
  const time_t seconds = ns / 1'000'000'000;
  tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[64];
  const size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::string out(text, length);
  if (const long fraction = static_cast<long>(ns % 1'000'000'000); fraction != 0) {
    std::snprintf(text, sizeof text, ".%09ld", fraction);
    out += text;
    out.erase(out.find_last_not_of('0') + 1);
  }
  return out + "Z";
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
