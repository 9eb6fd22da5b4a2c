// The stages of the process between clone and exec. Each returns false after recording what broke.
#pragma once
#include <linux/mount.h>

#include "runtime/inside/plan.hh"

namespace fairlead::inside {

// The whole way of a container's process or of one that joins; never returns.
[[noreturn]] void run(const Plan& plan);

// paths.cc: all names are resolved with `root` as their root directory (openat2(2)).
int open_inside(int root, const char* path, uint64_t flags, uint64_t resolve = 0);
// Makes what is missing of a path (the last part a directory or an empty file) and opens it O_PATH.
int make_inside(int root, const char* path, bool directory, bool ordinary = false);
// Opens the directory that holds the last part of `path`, made when missing; `name` is that part.
int open_parent(int root, const char* path, const char** name);
bool is_filesystem(int fd, long magic);
// A procfs of the own pid namespace, mounted nowhere.
int open_private_proc();

// attributes.cc: changes a mount by a descriptor of it, and the working directory. Before Linux
// 5.12 attributes change for the mount alone, also where the mounts below it are meant.
bool change_mount(int mounted, const mount_attr& wish, bool recursive);

// mounts.cc, masks.cc, devices.cc, root.cc, copy-up.cc
bool do_mounts(int root, int channel, List<MountStep> steps);
bool make_devices(int root, const Plan& plan);
bool hide_paths(int root, const Plan& plan);
bool copy_up(int from, int to);
int attach_root(const Plan& plan); // returns a descriptor of the root, or -1
bool enter_root(int root, const Plan& plan);

// console.cc: opens a pty, makes it the controlling terminal and descriptors 0-2, sends the master.
bool take_console(int root, const Plan& plan, bool mount_console);

// groups.cc: enters a version 1 group by its `tasks`, and those that the parent sends.
bool enter_group(int entrance);
bool enter_groups(int channel);

// descriptors.cc
void close_between(unsigned first, unsigned last); // both of them too
void close_on_exec_from(unsigned first);

// sysctl.cc
bool write_sysctls(List<SysctlStep> steps);

// hook.cc: runs one hook to its end with `state` as stdin.
struct Outcome {
  bool good;
  int code;           // errno, 0 when the hook itself failed
  const char* step;
  const char* detail; // "" or why
};
Outcome call_hook(const HookStep& hook, int state);
bool run_hook(const HookStep& hook, int state);

// limits.cc: raising a hard limit needs a capability of the host, which is lost in a user
// namespace; so it is done before one is entered, and the rest just before exec.
bool raise_limits(pid_t pid, List<LimitStep> limits);
bool set_limits(List<LimitStep> limits);

// loopback.cc: brings `lo` up in a new network namespace.
bool raise_loopback();

// identity.cc, program.cc
bool take_identity(const Identity& identity); // everything but the last privileges
bool find_program(const Identity& identity);  // whether there is something to execute
// Returns only on failure. `label` is a descriptor for the security label, or -1.
bool run_program(const Identity& identity, int label, int channel);
bool install_filter(const Identity& identity, int channel); // filter.cc
bool exec_found(const Identity& identity);    // the same without privileges to give up

} // namespace fairlead::inside
