// Entering and leaving the shims' cgroup in every hierarchy.
#include "shim/home-group.hh"

#include <unistd.h>


#include "runtime/cgroup.hh"
#include "base/file.hh"
#include "shim/fields.hh"

namespace fairlead::shim {

namespace {

// The last shim that leaves may remove the group at the moment when another one enters.
constexpr int MOST_TRIES = 5;

Result<std::string> home_path(const std::string& config_path) {
  const auto text = read_file(config_path, 16u << 20);
  if (!text) return std::unexpected(text.error());
  const auto config = parse_object(*text, config_path);
  if (!config) return std::unexpected(config.error());
  const Json* linux_part = member(*config, "linux");
  const Json* path = linux_part == nullptr ? nullptr : member(*linux_part, "cgroupsPath");
  if (path == nullptr || !path->IsString()) return std::string("/fairlead/shims");
  const std::string whole = path->GetString();
  const size_t slash = whole.find_last_of('/');
  if (!whole.starts_with('/') || slash == 0) return std::string("/fairlead/shims");
  return whole.substr(0, slash) + "/shims";
}

} // namespace

Result<HomeGroup> HomeGroup::enter(const std::string& config_path) {
  auto path = home_path(config_path);
  if (!path) return std::unexpected(path.error());
  const Cgroup group = Cgroup::at(*path);
  Status entered;
  for (int i = 0; i < MOST_TRIES; ++i) {
    entered = group.create({});
    if (entered) entered = group.attach(::getpid());
    if (entered) return HomeGroup(std::move(*path));
  }
  return std::unexpected(entered.error());
}

HomeGroup::~HomeGroup() {
  if (path_.empty()) return;
  if (!Cgroup::at("/").attach(::getpid())) return;
  const std::string parent = path_.substr(0, path_.find_last_of('/'));
  for (const Hierarchy& hierarchy : cgroup_hierarchies()) {
    ::rmdir((hierarchy.mount + path_).c_str());
    if (!parent.empty()) ::rmdir((hierarchy.mount + parent).c_str());
  }
}

} // namespace fairlead::shim
