// The terminal of a process. Runs between clone and exec: no allocation.
#include "runtime/inside/console.hh"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

#include "runtime/inside/paths.hh"
#include "runtime/inside/report.hh"

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif

namespace fairlead::inside {

namespace {

// Only a real devpts may give the pty: an image could bring a file of that name (CVE-2025-52565).
Fd open_master(int root) {
  if (const Fd probe = open_inside(root, "dev/pts/ptmx", O_PATH | O_NOFOLLOW); !probe) return {};
  else if (!is_filesystem(probe.get(), DEVPTS_SUPER_MAGIC)) {
    errno = ENODEV;
    return {};
  }
  Fd master = open_inside(root, "dev/pts/ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW);
  if (!master || is_filesystem(master.get(), DEVPTS_SUPER_MAGIC)) return master;
  errno = ENODEV;
  return {};
}

bool mount_on_console(int root, int slave) {
  const Fd tree(static_cast<int>(
      syscall(SYS_open_tree, slave, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)));
  if (!tree) return broke("clone pty mount", "/dev/console");
  const char* name = nullptr;
  const Fd dev = open_parent(root, "dev/console", &name);
  if (!dev) return broke("open directory", "/dev");
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  if (!Fd(openat(dev.get(), name, flags, 0666)) && errno != EEXIST)
    return broke("make console", "/dev/console");
  const Fd target(openat(dev.get(), name, O_PATH | O_NOFOLLOW | O_CLOEXEC));
  const bool good = target && syscall(SYS_move_mount, tree.get(), "", target.get(), "",
                                      MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) == 0;
  return good || broke("mount console", "/dev/console");
}

} // namespace

bool take_console(int root, const Plan& plan, bool mount_console) {
  const Fd owned = open_master(root);
  if (!owned) return broke("open pty", "/dev/pts/ptmx");
  const int master = owned.get();
  int unlock = 0;
  if (ioctl(master, TIOCSPTLCK, &unlock) < 0) return broke("unlock pty");
  // The peer by descriptor, as its name in /dev/pts may be covered.
  const Fd peer(ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  const int slave = peer.get();
  if (!peer) return broke("open pty peer");
  if (plan.rows != 0 || plan.cols != 0) {
    const winsize size{plan.rows, plan.cols, 0, 0};
    if (ioctl(master, TIOCSWINSZ, &size) < 0) return broke("size pty");
  }
  termios settings{};
  if (plan.plain_newlines && tcgetattr(slave, &settings) == 0) {
    settings.c_oflag &= ~static_cast<tcflag_t>(ONLCR);
    if (tcsetattr(slave, TCSANOW, &settings) < 0) return broke("set up pty");
  }
  if (fchown(slave, plan.identity.uid, static_cast<gid_t>(-1)) < 0 && errno != EINVAL &&
      errno != EPERM && errno != EROFS)
    return broke("own pty");
  if (mount_console && !mount_on_console(root, slave)) return false;
  if (!send_word(plan.channel, Word::console, 0, {&master, 1})) return broke("send pty");
  if (ioctl(slave, TIOCSCTTY, 0) < 0) return broke("take terminal");
  if (dup2(slave, 0) < 0 || dup2(slave, 1) < 0 || dup2(slave, 2) < 0) return broke("dup2");
  return true;
}

} // namespace fairlead::inside
