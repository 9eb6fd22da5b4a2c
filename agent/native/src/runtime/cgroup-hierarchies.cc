// Which control group hierarchies this host has mounted, and where.
#include <linux/magic.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/file.hh"
#include "base/words.hh"
#include "runtime/cgroup.hh"

namespace fairlead {

namespace {

constexpr std::array CONTROLLERS = {"cpu",      "cpuacct",    "cpuset", "memory",  "devices",
                                    "freezer",  "blkio",      "pids",   "hugetlb", "net_cls",
                                    "net_prio", "perf_event", "rdma",   "misc"};

std::vector<std::string> copies_of(const std::vector<std::string_view>& parts) {
  return {parts.begin(), parts.end()};
}

// mountinfo writes blanks and backslashes as \ooo (proc_pid_mountinfo(5)).
std::string unescape(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                               (text[i + 3] - '0'));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::vector<std::string> unified_controllers(const std::string& mount) {
  const auto text = read_file(mount + "/cgroup.controllers", 4096);
  return text ? copies_of(words_of(text->substr(0, text->find('\n')))) : std::vector<std::string>{};
}

bool is_controller(std::string_view word) {
  return word.starts_with("name=") || std::any_of(CONTROLLERS.begin(), CONTROLLERS.end(),
                                                  [&](const char* known) { return word == known; });
}

bool same_mounted(const std::vector<Hierarchy>& found, const Hierarchy& other) {
  return std::any_of(found.begin(), found.end(), [&](const Hierarchy& known) {
    return known.unified == other.unified &&
           (known.unified || known.controllers == other.controllers);
  });
}

// What another mount covers is listed as well, and cannot be reached.
bool is_reachable(const Hierarchy& hierarchy) {
  struct statfs info{};
  return statfs(hierarchy.mount.c_str(), &info) == 0 &&
         info.f_type == (hierarchy.unified ? CGROUP2_SUPER_MAGIC : CGROUP_SUPER_MAGIC);
}

std::vector<Hierarchy> from_mountinfo() {
  std::vector<Hierarchy> found;
  const auto text = read_file("/proc/self/mountinfo");
  if (!text) return found;
  for (const std::string_view line : lines_of(*text)) {
    const size_t dash = line.find(" - cgroup");
    if (dash == line.npos) continue;
    const auto before = words_of(line.substr(0, dash));
    const auto after = words_of(line.substr(dash + 3));
    if (before.size() < 5 || after.size() < 3) continue;
    Hierarchy hierarchy;
    hierarchy.mount = unescape(before[4]);
    hierarchy.unified = after[0] == "cgroup2";
    if (hierarchy.unified) {
      hierarchy.controllers = unified_controllers(hierarchy.mount);
    } else {
      for (const std::string_view word : split(after[2], ','))
        if (is_controller(word)) hierarchy.controllers.emplace_back(word);
    }
    if (!hierarchy.mount.starts_with("/sys/fs/cgroup") || same_mounted(found, hierarchy)) continue;
    if (!is_reachable(hierarchy)) continue;
    found.push_back(std::move(hierarchy));
  }
  return found;
}

bool is_mounted(const std::string& path, long magic) {
  struct statfs info{};
  return statfs(path.c_str(), &info) == 0 && info.f_type == magic;
}

// A line of /proc/self/cgroup (cgroups(7)): "4:memory:/a", "1:name=systemd:/a" or "0::/a".
struct Membership {
  std::string controllers; // as written; empty for version 2
  std::string path;
};

std::optional<std::vector<Membership>> memberships() {
  const auto text = read_file("/proc/self/cgroup", 65536);
  if (!text) return std::nullopt;
  std::vector<Membership> found;
  for (const std::string_view line : lines_of(*text)) {
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == line.npos || second == line.npos) return std::nullopt;
    found.push_back({std::string(line.substr(first + 1, second - first - 1)),
                     std::string(line.substr(second + 1))});
  }
  return found;
}

// The hierarchies that this process belongs to where everybody mounts them. Listing all mounts
// instead takes a tenth of a container's start on a busy host.
std::optional<std::vector<Hierarchy>> from_convention() {
  const auto all = memberships();
  if (!all) return std::nullopt;
  std::vector<Hierarchy> found;
  for (const auto& [list, path] : *all) {
    Hierarchy hierarchy;
    hierarchy.unified = list.empty();
    const std::string name = list.starts_with("name=") ? list.substr(5) : list;
    hierarchy.mount = "/sys/fs/cgroup/" + (list.empty() ? "unified" : name);
    if (!is_mounted(hierarchy.mount, list.empty() ? CGROUP2_SUPER_MAGIC : CGROUP_SUPER_MAGIC)) {
      if (hierarchy.unified) continue; // every process is in it, also where nobody mounts it
      return std::nullopt;
    }
    hierarchy.controllers =
        hierarchy.unified ? unified_controllers(hierarchy.mount) : copies_of(split(list, ','));
    found.push_back(std::move(hierarchy));
  }
  return found;
}

std::vector<Hierarchy> find_all() {
  if (is_mounted("/sys/fs/cgroup", CGROUP2_SUPER_MAGIC))
    return {{"/sys/fs/cgroup", unified_controllers("/sys/fs/cgroup"), true}};
  auto found = from_convention();
  return found ? std::move(*found) : from_mountinfo();
}

} // namespace

const std::vector<Hierarchy>& cgroup_hierarchies() {
  static const std::vector<Hierarchy> hierarchies = find_all();
  return hierarchies;
}

std::string own_directory(const Hierarchy& hierarchy) {
  for (const auto& [list, path] : memberships().value_or(std::vector<Membership>{})) {
    const bool same =
        hierarchy.unified ? list.empty() : copies_of(split(list, ',')) == hierarchy.controllers;
    // One above the root of a cgroup namespace is written with dots.
    if (same) return path.find("/..") == path.npos ? hierarchy.mount + path : "";
  }
  return "";
}

} // namespace fairlead
