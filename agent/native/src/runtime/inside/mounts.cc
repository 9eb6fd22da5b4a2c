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
// that trusts it would be fooled. The list of runc.
constexpr const char* COVERABLE[] = {"proc/cpuinfo",
                                     "proc/diskstats",
                                     "proc/meminfo",
                                     "proc/stat",
                                     "proc/swaps",
                                     "proc/uptime",
                                     "proc/loadavg",
                                     "proc/slabinfo",
                                     "proc/net/dev",
                                     "proc/sys/kernel/ns_last_pid",
                                     "proc/sys/crypto/fips_enabled"};

bool same_file(int one, int other) {
  struct stat first{}, second{};
  return fstat(one, &first) == 0 && fstat(other, &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

// Whether the target is /proc, by whatever name. Only procfs may be there: what this runtime and
// others write to a process's files would go elsewhere (CVE-2019-19921).
bool is_proc(int root, int target) {
  const Fd proc = open_inside(root, "proc", O_PATH);
  return proc && same_file(proc.get(), target);
}

bool check_cover(int root, int target, const MountStep& step) {
  const bool procfs = step.proc_source || (step.type != nullptr && strcmp(step.type, "proc") == 0);
  const bool whole = is_proc(root, target);
  if (whole && procfs) return true;
  if (!whole && !is_filesystem(target, PROC_SUPER_MAGIC)) return true;
  for (const char* path : COVERABLE)
    if (strcmp(step.target, path) == 0) return true;
  errno = EPERM;
  return broke_inside(whole ? "mount on /proc what is no procfs" : "mount inside /proc",
                      step.target, step.source);
}

// The kernel's own answers (EINVAL, ENOTDIR) do not say which of the two is which.
bool check_kinds(int target, const MountStep& step) {
  struct stat info{};
  if (fstat(target, &info) < 0) return broke_inside("look at mount target", step.target);
  const bool directory = S_ISDIR(info.st_mode);
  if (directory == step.directory) return true;
  errno = directory ? EISDIR : ENOTDIR;
  return broke_inside(directory ? "mount a file onto a directory" : "mount a directory onto a file",
                      step.target, step.source);
}

bool set_attributes(int root, const MountStep& step) {
  if (step.propagation == 0 && step.recursive_set == 0 && step.recursive_clear == 0) return true;
  const Fd mounted = open_inside(root, step.target, O_PATH);
  if (!mounted) return broke_inside("open mount", step.target);
  mount_attr attributes{};
  attributes.attr_set = step.recursive_set;
  attributes.attr_clr = step.recursive_clear;
  bool good = true;
  if (step.recursive_set != 0 || step.recursive_clear != 0)
    good = change_mount(mounted.get(), attributes, true);
  if (good && step.propagation != 0) {
    attributes = {};
    attributes.propagation = step.propagation & ~static_cast<unsigned long>(MS_REC);
    good = change_mount(mounted.get(), attributes, (step.propagation & MS_REC) != 0);
  }
  return good || broke_inside("set mount attributes", step.target);
}

// What is covered is the working directory still.
bool copy_covered(int fresh) {
  const Fd covered(open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return covered && copy_up(covered.get(), fresh);
}

bool keep_mode(int fresh) {
  struct stat covered{};
  return stat(".", &covered) == 0 && fchmod(fresh, covered.st_mode & 07777) == 0;
}

// mount(2) takes a path only; "." after fchdir(2) is the one that nobody can exchange.
bool mount_filesystem(int root, int target, const MountStep& step, const Plan& plan) {
  if (fchdir(target) < 0) return broke_inside("open mount target", step.target);
  if (mount(step.source, ".", step.type, step.flags, step.data) < 0)
    return broke_inside("mount", step.target);
  if (step.remount < 0 && !step.copy_up && !step.keep_mode) return true;
  Fd fresh = open_inside(root, step.target, O_RDONLY | O_DIRECTORY);
  if (!fresh) return broke_inside("open mount", step.target);
  if (step.copy_up && !copy_covered(fresh.get()))
    return broke_inside("copy into tmpfs", step.target);
  if (step.keep_mode && !keep_mode(fresh.get())) return broke_inside("set mode", step.target);
  if (step.remount >= 0) plan.remounts[static_cast<size_t>(step.remount)].mounted = fresh.release();
  return true;
}

bool remount(int target, const MountStep& step) {
  if (fchdir(target) < 0) return broke_inside("open mount", step.target);
  return mount(nullptr, ".", nullptr, step.flags, step.data) == 0 ||
         broke_inside("remount", step.target);
}

bool move_tree(int target, const MountStep& step) {
  if (syscall(SYS_move_mount, step.tree, "", target, "",
              MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
    return broke_inside("bind mount", step.target, step.source);
  mount_attr late{};
  late.attr_set = step.late_set;
  late.attr_clr = step.late_clear;
  return (late.attr_set == 0 && late.attr_clr == 0) || change_mount(step.tree, late, false) ||
         broke_inside("remount", step.target);
}

bool make_symlink(int root, const MountStep& step) {
  const char* name = nullptr;
  const Fd parent = open_parent(root, step.target, &name);
  if (!parent) return broke_inside("open directory of link", step.target);
  return symlinkat(step.source, parent.get(), name) == 0 || errno == EEXIST ||
         broke_inside("make link", step.target);
}

// Trees come one by one and in order: a mount's number is that of its clone, and what lists mounts
// (mountinfo, since Linux 6.8) goes by these numbers.
bool take_tree(int channel, MountStep& step) {
  if (step.wanted > 0 && !send_word(channel, Word::trees, step.number))
    return broke("ask for bind mounts");
  int bits = 0;
  step.tree = await_tree(channel, &bits);
  if (step.tree < 0) return broke_inside("wait for bind mounts", step.target);
  step.directory = (bits & IS_DIRECTORY) != 0;
  step.proc_source = (bits & FROM_PROC) != 0;
  if ((bits & UNDRESSED) == 0) step.late_set = step.late_clear = 0;
  if ((bits & UNPROPAGATED) == 0) step.propagation = 0;
  return true;
}

bool clone_inner(int root, MountStep& step) {
  const Fd source = open_inside(root, step.source, O_PATH);
  struct stat info{};
  if (!source || fstat(source.get(), &info) < 0)
    return broke_inside("open bind source", step.source);
  const unsigned flags = AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC;
  step.tree = static_cast<int>(syscall(SYS_open_tree, source.get(), "",
                                       flags | (step.recursive ? unsigned{AT_RECURSIVE} : 0U)));
  if (step.tree < 0) return broke_inside("open bind source", step.source);
  step.directory = S_ISDIR(info.st_mode);
  step.proc_source = is_filesystem(source.get(), PROC_SUPER_MAGIC);
  return true;
}

bool do_mount(int root, MountStep& step, const Plan& plan) {
  if (step.act == Act::symlink) return make_symlink(root, step);
  step.keep_mode = step.keep_mode && open_inside(root, step.target, O_PATH);
  const Fd target = make_inside(root, step.target, step.directory, step.ordinary);
  if (!target) return broke_inside("open mount target", step.target);
  if (step.act == Act::remount) return remount(target.get(), step) && set_attributes(root, step);
  if (!check_cover(root, target.get(), step) || !check_kinds(target.get(), step)) return false;
  const bool good = step.act == Act::mount ? mount_filesystem(root, target.get(), step, plan)
                                           : move_tree(target.get(), step);
  return good && set_attributes(root, step);
}

} // namespace

bool do_mounts(int root, const Plan& plan) {
  for (const MountStep& planned : plan.mounts) {
    MountStep step = planned;
    if (step.act == Act::tree && !take_tree(plan.channel, step)) return false;
    if (step.act == Act::inner && !clone_inner(root, step)) return false;
    const Fd tree(step.tree);
    if (!do_mount(root, step, plan)) return false;
  }
  return true;
}

bool do_remounts(std::span<RemountStep> steps) {
  for (const RemountStep& step : steps) {
    const Fd mounted(step.mounted);
    if (fchdir(step.mounted) < 0 || mount(nullptr, ".", nullptr, step.flags, nullptr) < 0)
      return broke_inside("remount", step.target);
  }
  return true;
}

} // namespace fairlead::inside
