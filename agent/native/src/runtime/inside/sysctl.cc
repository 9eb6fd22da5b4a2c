// Kernel settings of the container's own namespaces. Runs between clone and exec: no allocation.
#include "runtime/inside/sysctl.hh"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "runtime/inside/paths.hh"
#include "runtime/inside/report.hh"

namespace fairlead::inside {

// Written through the host's procfs before the root changes: which namespaces a file of /proc/sys
// speaks of depends on who opens it, and a container's /proc may be a fake (CVE-2019-16884).
bool write_sysctls(List<SysctlStep> steps) {
  if (steps.count == 0) return true;
  const Fd sys(open("/proc/sys", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!sys) return broke("open", "/proc/sys");
  if (!is_filesystem(sys.get(), PROC_SUPER_MAGIC)) {
    errno = ENODEV;
    return broke("open", "/proc/sys");
  }
  for (const SysctlStep& step : steps) {
    open_how how{};
    how.flags = O_WRONLY | O_CLOEXEC;
    // No mount crossed either: what covers a file of procfs is not procfs.
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV;
    const Fd fd(static_cast<int>(syscall(SYS_openat2, sys.get(), step.file, &how, sizeof how)));
    if (!fd) return broke("open sysctl", step.file);
    if (write(fd.get(), step.value, strlen(step.value)) < 0)
      return broke("write sysctl", step.file);
  }
  return true;
}

} // namespace fairlead::inside
