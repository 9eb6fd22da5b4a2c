// A container's cgroup as a whole: making, limiting, entering and removing its directories.
#include "runtime/cgroup.hh"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/file.hh"
#include "runtime/cgroup-limits.hh"
#include "runtime/user-namespace.hh"

namespace fairlead {

namespace {

constexpr int64_t DESTROY_MS = 60'000;

bool has_controller(const Hierarchy& hierarchy, const std::string& name) {
  return std::find(hierarchy.controllers.begin(), hierarchy.controllers.end(), name) !=
         hierarchy.controllers.end();
}

// The first part may have been removed meanwhile by another container's end.
Status make_path(const std::string& path, size_t from) {
  for (int attempt = 0; attempt < 3; ++attempt) {
    if (mkdir(path.c_str(), 0755) == 0 || errno == EEXIST) return {};
    if (errno != ENOENT) return fail("make cgroup", path);
    for (size_t at = path.find('/', from); at != path.npos; at = path.find('/', at + 1))
      if (mkdir(path.substr(0, at).c_str(), 0755) < 0 && errno != EEXIST)
        return fail("make cgroup", path.substr(0, at));
  }
  return fail("make cgroup", path);
}

// A v1 cpuset has no processors and no memory until told; it must be filled from the top. Once
// there, clone_children hands both on to each new group.
Status fill_cpuset(const std::string& mount, const std::string& path) {
  const auto filled = read_file(mount + path + "/cpuset.mems", 4096);
  if (filled && filled->size() > 1) return {};
  for (size_t at = path.find('/', 1);; at = path.find('/', at + 1)) {
    const std::string child = mount + path.substr(0, at);
    const std::string parent = child.substr(0, child.rfind('/'));
    for (const char* file : {"/cpuset.cpus", "/cpuset.mems"}) {
      const auto own = read_file(child + file, 4096);
      if (!own) return std::unexpected(own.error());
      if (own->size() > 1) continue;
      const auto inherited = read_file(parent + file, 4096);
      if (!inherited) return std::unexpected(inherited.error());
      if (Status done = write_file(child + file, *inherited); !done) return done;
    }
    if (at == path.npos) return {};
    if (Status done = write_file(child + "/cgroup.clone_children", "1"); !done) return done;
  }
}

bool lists(const std::string& line, const std::string& word) {
  const std::string padded = " " + line.substr(0, line.find('\n')) + " ";
  return padded.find(" " + word + " ") != padded.npos;
}

// Each directory above must hand its controllers on (cgroup-v2, "Enabling and Disabling").
void delegate(const Hierarchy& hierarchy, const std::string& path) {
  const auto here = read_file(hierarchy.mount + path + "/cgroup.controllers", 4096);
  const bool all = here && std::ranges::all_of(hierarchy.controllers, [&](const auto& name) {
                     return lists(*here, name);
                   });
  if (all) return;
  for (size_t at = 0; at != path.npos; at = path.find('/', at + 1)) {
    const std::string file = hierarchy.mount + path.substr(0, at) + "/cgroup.subtree_control";
    const auto enabled = read_file(file, 4096);
    // One that cannot be handed on matters only when a limit needs it, which then fails.
    for (const std::string& controller : hierarchy.controllers)
      if (!enabled || !lists(*enabled, controller)) (void)write_file(file, "+" + controller);
  }
}

Status limit(const Hierarchy& hierarchy, const std::string& path, const Resources& resources) {
  const CgroupFolder folder{hierarchy.mount + path};
  for (const std::string& controller : hierarchy.controllers) {
    const Status done = hierarchy.unified ? limit_v2(folder, controller, resources)
                                          : limit_v1(folder, controller, resources);
    if (!done) return done;
  }
  if (hierarchy.unified) {
    for (const auto& [file, value] : resources.unified)
      if (Status done = folder.set(file, value); !done) return done;
  }
  return {};
}

Status limit_devices(const std::string& path, const Resources& resources) {
  const std::vector<DeviceRule> rules = device_rules(resources);
  // An ordinary user can make no nodes either, so that the rules would forbid nothing.
  if (rules.empty() || in_user_namespace() || geteuid() != 0) return {};
  const Hierarchy* unified = nullptr;
  for (const Hierarchy& hierarchy : cgroup_hierarchies()) {
    if (has_controller(hierarchy, "devices"))
      return limit_devices_v1({hierarchy.mount + path}, rules);
    if (hierarchy.unified) unified = &hierarchy;
  }
  if (unified == nullptr) return refuse("limit devices", "this host has no device control");
  return limit_devices_v2({unified->mount + path}, rules);
}

bool devices_in_v1() {
  return std::ranges::any_of(cgroup_hierarchies(), [](const Hierarchy& hierarchy) {
    return !hierarchy.unified && has_controller(hierarchy, "devices");
  });
}

Status check_available(const Resources& resources) {
  const auto& all = cgroup_hierarchies();
  for (const char* name :
       {"memory", "cpu", "cpuset", "pids", "hugetlb", "rdma", "net_cls", "net_prio", "blkio"}) {
    if (!needs_controller(resources, name)) continue;
    const bool there = std::any_of(all.begin(), all.end(), [&](const Hierarchy& hierarchy) {
      return has_controller(hierarchy,
                            hierarchy.unified && std::string("blkio") == name ? "io" : name);
    });
    if (!there)
      return refuse("limit " + std::string(name), "this host has no such cgroup controller");
  }
  if (resources.unified.empty()) return {};
  const bool v2 = std::any_of(all.begin(), all.end(), [](const auto& h) { return h.unified; });
  return v2 ? Status{} : refuse("limit unified", "this host has no cgroup v2");
}

bool is_forbidden(int code) { return code == EACCES || code == EPERM || code == EROFS; }

// The first limit that the files of a hierarchy would set; empty when there is none.
std::string needed_limit(const Hierarchy& hierarchy, const Resources& resources) {
  for (const std::string& controller : hierarchy.controllers) {
    const bool io = hierarchy.unified && controller == "io";
    if (needs_controller(resources, io ? "blkio" : controller)) return controller;
  }
  return hierarchy.unified && !resources.unified.empty() ? "unified" : "";
}

Status remove_tree(const std::string& path, int depth) {
  if (rmdir(path.c_str()) == 0 || errno == ENOENT) return {};
  if (depth > 32) return fail("remove cgroup", path);
  if (DIR* directory = opendir(path.c_str()); directory != nullptr) {
    while (const dirent* entry = readdir(directory)) {
      const std::string name = entry->d_name;
      if (entry->d_type == DT_DIR && name != "." && name != "..")
        (void)remove_tree(path + "/" + name, depth + 1);
    }
    closedir(directory);
  }
  if (rmdir(path.c_str()) == 0 || errno == ENOENT) return {};
  return fail("remove cgroup", path);
}

} // namespace

Cgroup Cgroup::at(const std::string& path, bool where_allowed) { return {path, where_allowed}; }

Status Cgroup::create(const Resources& resources) const {
  if (Status done = create_v2(resources); !done) return done;
  return create_v1(resources);
}

Status Cgroup::create_v2(const Resources& resources) const {
  // An ordinary user to whom no part of the tree was given has none, and can still run containers
  // without limits.
  if (cgroup_hierarchies().empty() && !where_allowed_ && !in_user_namespace())
    return refuse("make cgroup", "no cgroup hierarchy is mounted below /sys/fs/cgroup");
  if (Status done = check_available(resources); !done) return done;
  for (const Hierarchy& hierarchy : cgroup_hierarchies()) {
    if (!hierarchy.unified) continue;
    if (Status done = make(hierarchy, resources); !done) return done;
  }
  return devices_in_v1() ? Status{} : limit_devices(path_, resources);
}

Status Cgroup::create_v1(const Resources& resources) const {
  for (const Hierarchy& hierarchy : cgroup_hierarchies()) {
    if (hierarchy.unified) continue;
    if (Status done = make(hierarchy, resources); !done) return done;
  }
  return devices_in_v1() ? limit_devices(path_, resources) : Status{};
}

Status Cgroup::make(const Hierarchy& hierarchy, const Resources& resources) const {
  Status done = make_path(hierarchy.mount + path_, hierarchy.mount.size() + 1);
  if (!done && where_allowed_ && is_forbidden(done.error().code)) {
    const std::string limit = needed_limit(hierarchy, resources);
    if (limit.empty()) return {};
    return refuse("limit " + limit,
                  "this user may make no cgroup there: " + describe(done.error()) +
                      "; leave the limit out, or have the cgroup delegated to the user");
  }
  if (!done) return done;
  if (hierarchy.unified) {
    delegate(hierarchy, path_);
  } else if (has_controller(hierarchy, "cpuset")) {
    if (done = fill_cpuset(hierarchy.mount, path_); !done) return done;
  }
  return limit(hierarchy, path_, resources);
}

bool Cgroup::has_left_out(const Hierarchy& hierarchy) const {
  return where_allowed_ && access((hierarchy.mount + path_).c_str(), F_OK) != 0;
}

Status Cgroup::update(const Resources& resources) const {
  if (Status done = check_available(resources); !done) return done;
  for (const Hierarchy& hierarchy : cgroup_hierarchies()) {
    if (has_left_out(hierarchy)) {
      const std::string limit = needed_limit(hierarchy, resources);
      if (!limit.empty())
        return refuse("limit " + limit, "the container has no cgroup there", hierarchy.mount);
      continue;
    }
    if (Status done = limit(hierarchy, path_, resources); !done) return done;
  }
  return limit_devices(path_, resources);
}

Status Cgroup::attach(pid_t pid) const {
  for (const Hierarchy& hierarchy : cgroup_hierarchies()) {
    if (has_left_out(hierarchy)) continue;
    const std::string file = hierarchy.mount + path_ + "/cgroup.procs";
    if (Status done = write_file(file, std::to_string(pid)); !done) return done;
  }
  return {};
}

Result<std::vector<Fd>> Cgroup::entrances_v1() const {
  std::vector<Fd> out;
  for (const Hierarchy& hierarchy : cgroup_hierarchies()) {
    if (hierarchy.unified || has_left_out(hierarchy)) continue;
    const std::string file = hierarchy.mount + path_ + "/tasks";
    Fd fd(open(file.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd) return fail("open cgroup", file);
    out.push_back(std::move(fd));
  }
  return out;
}

Status Cgroup::enter_v1() const {
  const auto entrances = entrances_v1();
  if (!entrances) return std::unexpected(entrances.error());
  for (const Fd& entrance : *entrances)
    if (write(entrance.get(), "0", 1) != 1) return fail("enter cgroup", path_);
  return {};
}

Fd Cgroup::directory() const {
  const std::string path = directory_of("");
  return path.empty() ? Fd() : Fd(open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}

Status Cgroup::remove() const {
  for (const Hierarchy& hierarchy : cgroup_hierarchies())
    if (Status done = remove_tree(hierarchy.mount + path_, 0); !done) return done;
  return {};
}

Async<Status> destroy(Waiter& waiter, Cgroup cgroup) {
  Status done = cgroup.remove();
  // A process that has been killed leaves its cgroup only when its last page is freed.
  for (int wait = 0; !done && done.error().code == EBUSY && wait < 500 && !waiter.over(); ++wait) {
    if (wait % 50 == 0) (void)cgroup.kill_all(SIGKILL);
    co_await waiter.pause(wait < 10 ? 1 : 10);
    done = cgroup.remove();
  }
  co_return done;
}

Status Cgroup::destroy() const {
  BlockingWaiter waiter(DESTROY_MS);
  return fairlead::destroy(waiter, *this).run();
}

std::string Cgroup::directory_of(const std::string& controller) const {
  for (const Hierarchy& hierarchy : cgroup_hierarchies())
    if (controller.empty() ? hierarchy.unified : has_controller(hierarchy, controller))
      return hierarchy.mount + path_;
  return "";
}

} // namespace fairlead
