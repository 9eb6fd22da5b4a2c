// Plans the root file system: where it comes from, devices, masked and read-only paths.
#include "runtime/root-plan.hh"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/file.hh"
#include "base/words.hh"
#include "runtime/create.hh"
#include "runtime/namespaces.hh"
#include "runtime/prepared.hh"
#include "runtime/relative-path.hh"
#include "runtime/user-namespace.hh"

namespace fairlead {

namespace {

const std::vector<Device>& default_devices() {
  static const std::vector<Device> devices = {
      {"/dev/null", 'c', 1, 3, 0666, 0, 0},    {"/dev/zero", 'c', 1, 5, 0666, 0, 0},
      {"/dev/full", 'c', 1, 7, 0666, 0, 0},    {"/dev/random", 'c', 1, 8, 0666, 0, 0},
      {"/dev/urandom", 'c', 1, 9, 0666, 0, 0}, {"/dev/tty", 'c', 5, 0, 0666, 0, 0}};
  return devices;
}

mode_t type_of(const Device& device) {
  return device.type == 'b' ? S_IFBLK : device.type == 'p' ? S_IFIFO : S_IFCHR;
}

// Where the host has a device, whatever the container calls it: devtmpfs names it in sysfs.
std::string host_path(const Device& device) {
  const std::string number = std::to_string(device.major) + ":" + std::to_string(device.minor);
  const char* kind = device.type == 'b' ? "block/" : "char/";
  const auto text = read_file("/sys/dev/" + std::string(kind) + number + "/uevent", 65536);
  constexpr std::string_view KEY = "DEVNAME=";
  if (text)
    for (const std::string_view line : lines_of(*text))
      if (line.starts_with(KEY)) return "/dev/" + std::string(line.substr(KEY.size()));
  return device.path;
}

bool is_node(const std::string& path, const Device& device) {
  struct stat info{};
  return stat(path.c_str(), &info) == 0 && (info.st_mode & S_IFMT) == type_of(device) &&
         info.st_rdev == makedev(device.major, device.minor);
}

Status plan_device(const Device& device, bool bind, Prepared& out) {
  inside::DeviceStep step{out.text(relative_inside(device.path)),
                          device.mode | type_of(device),
                          makedev(device.major, device.minor),
                          device.uid,
                          device.gid,
                          -1};
  if (bind && device.type != 'p') {
    auto tree = clone_tree(is_node(device.path, device) ? device.path : host_path(device), false);
    if (!tree) return std::unexpected(tree.error());
    struct stat info{};
    if (fstat(tree->get(), &info) < 0 || info.st_rdev != step.number ||
        (info.st_mode & S_IFMT) != type_of(device))
      return refuse("bind device", "the host's node is another device", device.path);
    step.tree = out.hold(std::move(*tree));
  }
  out.devices.push_back(step);
  return {};
}

bool brings_own_dev(const Spec& spec) {
  for (const Mount& mount : spec.mounts)
    if (mount.bind && relative_inside(mount.destination) == "dev") return true;
  return false;
}

} // namespace

Status plan_devices(const Spec& spec, Prepared& out) {
  if (brings_own_dev(spec)) return {}; // the host's /dev must not be furnished anew
  // mknod(2) is not for user namespaces.
  const bool bind = has_namespace(spec, CLONE_NEWUSER) || in_user_namespace();
  out.plan.dev_links = true;
  for (const Device& device : default_devices()) {
    bool given = false;
    for (const Device& own : spec.devices) given = given || own.path == device.path;
    if (given) continue;
    if (Status done = plan_device(device, bind, out); !done) return done;
  }
  for (const Device& device : spec.devices)
    if (Status done = plan_device(device, bind, out); !done) return done;
  return {};
}

void plan_hidden_paths(const Spec& spec, Prepared& out) {
  for (const std::string& masked : spec.masked_paths)
    out.masked.push_back(out.text(relative_inside(masked)));
  for (const std::string& readonly : spec.readonly_paths)
    out.readonly.push_back(out.text(relative_inside(readonly)));
}

Status plan_root(const Spec& spec, const CreateOptions& options, Prepared& out) {
  inside::Plan& plan = out.plan;
  const std::string path = spec.root[0] == '/' ? spec.root : options.bundle + "/" + spec.root;
  plan.root_is_tree = has_namespace(spec, CLONE_NEWNS);
  if (plan.root_is_tree) {
    auto tree = clone_tree(path, true);
    if (!tree) return std::unexpected(Error{"open root", tree.error().code, path, {}});
    plan.root = out.hold(std::move(*tree));
  } else {
    Fd root(open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!root) return fail("open root", path);
    plan.root = out.hold(std::move(root));
  }
  struct stat info{};
  if (fstat(plan.root, &info) < 0) return fail("open root", path);
  if (!S_ISDIR(info.st_mode)) return refuse("open root", "is not a directory", path);
  plan.no_pivot = options.no_pivot;
  plan.root_readonly = spec.root_readonly;
  plan.initial_propagation = MS_SLAVE | MS_REC;
  const unsigned long wanted = spec.rootfs_propagation & ~static_cast<unsigned long>(MS_REC);
  plan.root_tree_propagation = (wanted == MS_SLAVE ? MS_SLAVE : MS_PRIVATE) | MS_REC;
  plan.root_propagation =
      wanted == MS_SHARED || wanted == MS_UNBINDABLE ? spec.rootfs_propagation : 0;
  if (Status done = plan_devices(spec, out); !done) return done;
  if (!plan.root_is_tree && !(spec.masked_paths.empty() && spec.readonly_paths.empty()))
    return refuse("hide paths", "the container has no mount namespace of its own");
  plan_hidden_paths(spec, out);
  return {};
}

Result<Fd> clone_tree(const std::string& source, bool recursive) {
  const unsigned flags =
      1U /* OPEN_TREE_CLONE */ | O_CLOEXEC | (recursive ? static_cast<unsigned>(AT_RECURSIVE) : 0U);
  Fd tree(static_cast<int>(syscall(SYS_open_tree, AT_FDCWD, source.c_str(), flags)));
  if (!tree) return fail("open", source);
  return tree;
}

} // namespace fairlead
