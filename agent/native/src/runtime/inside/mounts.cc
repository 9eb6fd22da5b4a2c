// The mounts of a container, each onto a target opened inside its root. Runs between clone and
// exec: no allocation.
#include "runtime/inside/mounts.hh"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "runtime/inside/attributes.hh"
#include "runtime/inside/copy-up.hh"
#include "runtime/inside/paths.hh"
#include "runtime/inside/report.hh"

namespace fairlead::inside {

namespace {

// Files of procfs that may be covered (lxcfs does so); nothing else below /proc may, as a program
// that trusts it would be fooled.
constexpr const char* kCoverable[] = {"proc/cpuinfo",
                                      "proc/diskstats",
                                      "proc/meminfo",
                                      "proc/stat",
                                      "proc/swaps",
                                      "proc/uptime",
                                      "proc/loadavg",
                                      "proc/slabinfo",
                                      "proc/sys/kernel/ns_last_pid",
                                      "proc/sys/crypto/fips_enabled"};

bool may_cover(int target, const MountStep& step) {
  if (!is_filesystem(target, PROC_SUPER_MAGIC) || step.proc_source) return true;
  if (step.type != nullptr && strcmp(step.type, "proc") == 0) return true;
  for (const char* path : kCoverable)
    if (strcmp(step.target, path) == 0) return true;
  errno = EPERM;
  return false;
}

bool set_attributes(int root, const MountStep& step) {
  if (step.propagation == 0 && step.recursive_set == 0 && step.recursive_clear == 0) return true;
  const int mounted = open_inside(root, step.target, O_PATH);
  if (mounted < 0) return broke("open mount", step.target);
  mount_attr attributes{};
  attributes.attr_set = step.recursive_set;
  attributes.attr_clr = step.recursive_clear;
  bool good = true;
  if (step.recursive_set != 0 || step.recursive_clear != 0)
    good = change_mount(mounted, attributes, true);
  if (good && step.propagation != 0) {
    attributes = {};
    attributes.propagation = step.propagation & ~static_cast<unsigned long>(MS_REC);
    good = change_mount(mounted, attributes, (step.propagation & MS_REC) != 0);
  }
  close(mounted);
  return good || broke("set mount attributes", step.target);
}

// What is covered is the working directory still.
bool copy_covered(int fresh) {
  const int covered = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool good = covered >= 0 && copy_up(covered, fresh);
  close(covered);
  return good;
}

bool keep_mode(int fresh) {
  struct stat covered{};
  return stat(".", &covered) == 0 && fchmod(fresh, covered.st_mode & 07777) == 0;
}

// mount(2) takes a path only; "." after fchdir(2) is the one that nobody can exchange.
bool mount_filesystem(int root, int target, const MountStep& step) {
  if (fchdir(target) < 0) return broke("open mount target", step.target);
  if (mount(step.source, ".", step.type, step.flags, step.data) < 0)
    return broke("mount", step.target);
  if (!step.copy_up && !step.keep_mode) return true;
  const int fresh = open_inside(root, step.target, O_RDONLY | O_DIRECTORY);
  if (fresh < 0) return broke("open mount", step.target);
  bool good = !step.copy_up || copy_covered(fresh) || broke("copy into tmpfs", step.target);
  good = good && (!step.keep_mode || keep_mode(fresh) || broke("set mode", step.target));
  close(fresh);
  return good;
}

bool remount(int target, const MountStep& step, unsigned long flags) {
  if (fchdir(target) < 0) return broke("open mount", step.target);
  if (mount(nullptr, ".", nullptr, flags, step.data) < 0) return broke("remount", step.target);
  return true;
}

bool move_tree(int target, const MountStep& step) {
  if (syscall(SYS_move_mount, step.tree, "", target, "",
              MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
    return broke("bind mount", step.target);
  mount_attr late{};
  late.attr_set = step.late_set;
  late.attr_clr = step.late_clear;
  const bool good = (late.attr_set == 0 && late.attr_clr == 0) ||
                    change_mount(step.tree, late, false);
  if (!good) broke("remount", step.target);
  close(step.tree);
  return good;
}

bool make_symlink(int root, const MountStep& step) {
  const char* name = nullptr;
  const int parent = open_parent(root, step.target, &name);
  if (parent < 0) return broke("open directory of link", step.target);
  const bool good = symlinkat(step.source, parent, name) == 0 || errno == EEXIST;
  close(parent);
  return good || broke("make link", step.target);
}

// Trees come one by one and in order: a mount's number is that of its clone, and what lists mounts
// (mountinfo, since Linux 6.8) goes by these numbers.
bool take_tree(int channel, MountStep& step) {
  if (step.wanted > 0 && !send_word(channel, Word::kTrees, step.number))
    return broke("ask for bind mounts");
  int bits = 0;
  step.tree = await_tree(channel, &bits);
  if (step.tree < 0) return broke("wait for bind mounts", step.target);
  step.directory = (bits & kIsDirectory) != 0;
  step.proc_source = (bits & kFromProc) != 0;
  if ((bits & kUndressed) == 0) step.late_set = step.late_clear = 0;
  if ((bits & kUnpropagated) == 0) step.propagation = 0;
  return true;
}

bool exists_inside(int root, const char* path) {
  const int fd = open_inside(root, path, O_PATH);
  close(fd);
  return fd >= 0;
}

bool do_mount(int root, MountStep& step) {
  if (step.act == Act::kSymlink) return make_symlink(root, step);
  step.keep_mode = step.keep_mode && exists_inside(root, step.target);
  const int target = make_inside(root, step.target, step.directory, step.ordinary);
  if (target < 0) return broke("open mount target", step.target);
  bool good = step.act == Act::kRemount || may_cover(target, step) ||
              broke("mount over procfs", step.target);
  if (good && step.act == Act::kMount) good = mount_filesystem(root, target, step);
  if (good && step.act == Act::kTree) good = move_tree(target, step);
  if (good && step.act == Act::kRemount) good = remount(target, step, step.flags);
  close(target);
  return good && set_attributes(root, step);
}

} // namespace

bool do_mounts(int root, int channel, List<MountStep> steps) {
  for (const MountStep& planned : steps) {
    MountStep step = planned;
    if (step.awaited && !take_tree(channel, step)) return false;
    if (!do_mount(root, step)) return false;
  }
  return true;
}

} // namespace fairlead::inside
