// Names of systemd units, see unit.hh.
#include "systemd/unit.hh"

#include <algorithm>

namespace fairlead::systemd {

namespace {

constexpr size_t LONGEST = 255; // systemd.unit(5)

bool is_unit_name(const std::string& name) {
  return name.size() <= LONGEST && std::ranges::all_of(name, [](unsigned char c) {
           return isalnum(c) != 0 ||
                  std::string_view(":-_.\\@").find(static_cast<char>(c)) != std::string_view::npos;
         });
}

// Dashes part the names of slices, so each needs something on both sides; "-.slice" is the root.
bool is_slice_name(const std::string& name) {
  if (!name.ends_with(".slice") || !is_unit_name(name)) return false;
  const std::string stem = name.substr(0, name.size() - 6);
  return stem == "-" || (!stem.empty() && stem.front() != '-' && stem.back() != '-' &&
                         stem.find("--") == stem.npos);
}

std::string slice_path(const std::string& slice) {
  const std::string stem = slice.substr(0, slice.size() - 6);
  std::string path;
  if (stem == "-") return path;
  for (size_t at = stem.find('-');; at = stem.find('-', at + 1)) {
    path += "/" + stem.substr(0, at) + ".slice";
    if (at == stem.npos) return path;
  }
}

} // namespace

Result<Unit> unit_of(const std::string& cgroups_path, const std::string& id, bool of_user) {
  std::string slice, prefix = "fairlead", name;
  if (!cgroups_path.empty()) {
    const size_t first = cgroups_path.find(':');
    const size_t second = first == cgroups_path.npos ? first : cgroups_path.find(':', first + 1);
    if (second == cgroups_path.npos || cgroups_path.find(':', second + 1) != cgroups_path.npos)
      return refuse("read cgroupsPath", "must be SLICE:PREFIX:NAME with --systemd-cgroup",
                    cgroups_path);
    slice = cgroups_path.substr(0, first);
    prefix = cgroups_path.substr(first + 1, second - first - 1);
    name = cgroups_path.substr(second + 1);
  }
  if (slice.empty()) slice = of_user ? "user.slice" : "system.slice";
  if (name.empty()) name = id;
  if (!is_slice_name(slice)) return refuse("read cgroupsPath", "is not the name of a slice", slice);
  if (name.ends_with(".slice")) {
    if (is_slice_name(name)) return Unit{name, slice};
    return refuse("read cgroupsPath", "is not the name of a slice", name);
  }
  const std::string scope = (prefix.empty() ? "" : prefix + "-") + name + ".scope";
  if (!is_unit_name(scope))
    return refuse("read cgroupsPath", "is not a name that systemd takes", scope);
  return Unit{scope, slice};
}

std::string path_of(const Unit& unit) {
  return unit.is_slice() ? slice_path(unit.name) : slice_path(unit.slice) + "/" + unit.name;
}

} // namespace fairlead::systemd
