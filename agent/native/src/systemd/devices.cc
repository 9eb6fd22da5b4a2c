// Rules of devices as systemd's DevicePolicy= and DeviceAllow= (systemd.resource-control(5)).
#include <algorithm>

#include "base/file.hh"
#include "base/words.hh"
#include "systemd/limits.hh"

namespace fairlead::systemd {

namespace {

// What the rules come to: everything but little, or nothing but what is listed.
struct Access {
  bool everything = true, exact = true;
  std::vector<DeviceRule> allowed;
};

bool same(const DeviceRule& a, const DeviceRule& b) {
  return a.type == b.type && a.major == b.major && a.minor == b.minor;
}

// Making a node alone opens nothing, so that part of a wider rule may stay.
bool meet(const DeviceRule& a, const DeviceRule& b) {
  const auto overlap = [](int64_t x, int64_t y) { return x < 0 || y < 0 || x == y; };
  return (a.type == b.type || a.type == 'a' || b.type == 'a') && overlap(a.major, b.major) &&
         overlap(a.minor, b.minor) && ((a.read && b.read) || (a.write && b.write));
}

void deny(const DeviceRule& rule, Access& access) {
  if (access.everything) access.exact = false;
  for (DeviceRule& one : access.allowed) {
    if (same(one, rule)) {
      one.read = one.read && !rule.read;
      one.write = one.write && !rule.write;
      one.mknod = one.mknod && !rule.mknod;
    } else if (meet(one, rule)) {
      access.exact = false;
    }
  }
}

Access access_of(const std::vector<DeviceRule>& rules) {
  Access access;
  for (const DeviceRule& rule : rules) {
    const bool all = rule.type == 'a' && rule.major < 0 && rule.minor < 0 && rule.read &&
                     rule.write && rule.mknod;
    if (all) {
      access = {rule.allow, true, {}};
    } else if (!rule.allow) {
      deny(rule, access);
    } else if (!access.everything) {
      for (const char type : {'c', 'b'}) {
        if (rule.type != 'a' && rule.type != type) continue;
        access.allowed.push_back(rule);
        access.allowed.back().type = type;
      }
    }
  }
  return access;
}

// The name that /proc/devices has for a major number; empty when no driver has it.
std::string driver_of(char type, int64_t major) {
  const std::string devices = read_file("/proc/devices", 1U << 20U).value_or("");
  const std::string number = std::to_string(major);
  bool within = false;
  for (const std::string_view line : lines_of(devices)) {
    if (line.ends_with("devices:")) within = line.starts_with(type == 'c' ? "Char" : "Block");
    const auto words = words_of(line);
    if (within && words.size() > 1 && words[0] == number) return std::string(words[1]);
  }
  return "";
}

std::string specifier_of(const DeviceRule& rule) {
  const std::string kind = rule.type == 'c' ? "char" : "block";
  if (rule.major < 0) return kind + "-*";
  if (rule.minor >= 0)
    return "/dev/" + kind + "/" + std::to_string(rule.major) + ":" + std::to_string(rule.minor);
  const std::string driver = driver_of(rule.type, rule.major);
  return driver.empty() ? "" : kind + "-" + driver;
}

} // namespace

Status add_devices(const std::vector<DeviceRule>& rules, bool only_list, Properties& out) {
  const Access access = access_of(rules);
  if (!access.exact && only_list)
    return refuse("limit devices",
                  "systemd can only list what is allowed, on cgroup v1; order the rules so that "
                  "nothing is denied after it was allowed, or leave --systemd-cgroup out");
  Pairs list;
  for (const DeviceRule& rule : access.allowed) {
    const std::string rights =
        std::string(rule.read ? "r" : "") + (rule.write ? "w" : "") + (rule.mknod ? "m" : "");
    const std::string specifier = specifier_of(rule);
    // A wildcard of the minor alone, or a device without a driver, cannot be opened by anybody.
    if (!rights.empty() && !specifier.empty()) list.emplace_back(specifier, rights);
  }
  out.push_back({"DevicePolicy", std::string(access.everything ? "auto" : "strict")});
  // An empty list first, as each assignment adds to what is there.
  out.push_back({"DeviceAllow", Pairs{}});
  if (!list.empty()) out.push_back({"DeviceAllow", std::move(list)});
  return {};
}

} // namespace fairlead::systemd
