// Finding, entering and showing the delegated cgroup; see cgroups.hh.
#include "rootless/cgroups.hh"

#include <dirent.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.hh"
#include "base/words.hh"

namespace fairlead::rootless {

namespace {

constexpr const char* TOP = "/sys/fs/cgroup";
constexpr const char* HOLDER = "/holder";

// Where the v2 tree is mounted as a whole.
std::string unified_mount() {
  const std::string mounts = read_file("/proc/self/mountinfo").value_or("");
  for (const std::string_view line : lines_of(mounts)) {
    if (line.find(" - cgroup2 ") == line.npos) continue;
    const auto words = words_of(line); // proc_pid_mountinfo(5): the root comes before the place
    if (words.size() > 4 && words[3] == "/" && words[4].starts_with(TOP))
      return std::string(words[4]);
  }
  return "";
}

// The v2 line of /proc/PID/cgroup, "0::PATH".
std::string group_of(const std::string& pid) {
  const std::string mount = unified_mount();
  if (mount.empty()) return "";
  const std::string groups = read_file("/proc/" + pid + "/cgroup").value_or("");
  for (const std::string_view line : lines_of(groups)) {
    if (!line.starts_with("0::/") || line.find("/../") != line.npos) continue;
    const std::string path(line.substr(3));
    return path == "/" ? mount : mount + path;
  }
  return "";
}

bool may_write(const std::string& path) { return access(path.c_str(), W_OK) == 0; }

bool remove_tree(const std::string& path, int depth) {
  if (DIR* directory = depth > 32 ? nullptr : opendir(path.c_str()); directory != nullptr) {
    while (const dirent* entry = readdir(directory))
      if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
        remove_tree(path + "/" + entry->d_name, depth + 1);
    closedir(directory);
  }
  return rmdir(path.c_str()) == 0;
}

} // namespace

std::string delegated_group() {
  const std::string group = group_of("self");
  const bool ours = !group.empty() && may_write(group) && may_write(group + "/cgroup.procs") &&
                    may_write(group + "/cgroup.subtree_control");
  return ours ? group : "";
}

std::string group_held_by(pid_t holder) {
  const std::string group = group_of(std::to_string(holder));
  const std::string end = HOLDER;
  return group.ends_with(end) ? group.substr(0, group.size() - end.size()) : "";
}

Status enter_leaf(const std::string& group, const char* name) {
  const std::string leaf = group + "/" + name;
  if (mkdir(leaf.c_str(), 0755) != 0 && errno != EEXIST) return fail("make cgroup", leaf);
  return write_file(leaf + "/cgroup.procs", "0");
}

Status show_only(const std::string& group) {
  if (access(TOP, F_OK) != 0) return {};
  if (!group.empty()) {
    if (mount(group.c_str(), TOP, nullptr, MS_BIND, nullptr) != 0)
      return fail("bind cgroup", group);
    return {};
  }
  constexpr unsigned long FLAGS = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
  if (mount("none", TOP, "tmpfs", FLAGS, "size=4k,mode=555") != 0) return fail("hide cgroups", TOP);
  return {};
}

void remove_below(const std::string& group) {
  for (int tries = 0; tries < 100; ++tries) {
    bool left = false;
    if (DIR* directory = opendir(group.c_str()); directory != nullptr) {
      while (const dirent* entry = readdir(directory))
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
          left = !remove_tree(group + "/" + entry->d_name, 0) || left;
      closedir(directory);
    }
    if (!left) return;
    const timespec pause{0, 50'000'000};
    nanosleep(&pause, nullptr);
  }
}

} // namespace fairlead::rootless
