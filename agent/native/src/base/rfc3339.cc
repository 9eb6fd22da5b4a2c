// Writing times. Without gmtime_r(3), which reads the time zone's file first.
#include "base/rfc3339.hh"

#include <chrono>
#include <ctime>

namespace fairlead {

namespace {

std::string padded(int64_t number, size_t width) {
  const std::string digits = std::to_string(number);
  return digits.size() < width ? std::string(width - digits.size(), '0') + digits : digits;
}

} // namespace

int64_t realtime_ns() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

std::string rfc3339(int64_t ns) {
  using namespace std::chrono;
  const sys_time<nanoseconds> time{nanoseconds{ns}};
  const sys_days midnight = floor<days>(time);
  const year_month_day date{midnight};
  const hh_mm_ss clock{time - midnight};
  std::string out = padded(int{date.year()}, 4) + "-" + padded(unsigned{date.month()}, 2) + "-" +
                    padded(unsigned{date.day()}, 2) + "T" + padded(clock.hours().count(), 2) + ":" +
                    padded(clock.minutes().count(), 2) + ":" + padded(clock.seconds().count(), 2);
  if (const int64_t fraction = clock.subseconds().count(); fraction != 0) {
    out += "." + padded(fraction, 9);
    out.erase(out.find_last_not_of('0') + 1);
  }
  return out + "Z";
}

} // namespace fairlead
