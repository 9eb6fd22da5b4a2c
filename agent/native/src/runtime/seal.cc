// Keeps this binary out of the reach of containers: a process on its way into one must not have the
// host's file as /proc/self/exe, since the container could then overwrite it (CVE-2019-5736).
#include "runtime/seal.hh"

#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <charconv>
#include <cstring>
#include <string_view>

#include "base/fd.hh"
#include "runtime/readonly-view.hh"

#ifndef MFD_EXEC
#define MFD_EXEC 0x10U
#endif

namespace fairlead {

namespace {

bool sealed() {
  struct statvfs info{};
  if (statvfs(OWN_BINARY, &info) == 0 && (info.f_flag & ST_RDONLY) != 0) return true;
  const Fd self(open(OWN_BINARY, O_RDONLY | O_CLOEXEC));
  const int seals = self ? fcntl(self.get(), F_GET_SEALS) : -1;
  return seals >= 0 && (seals & F_SEAL_WRITE) != 0;
}

Fd sealed_copy() {
  const Fd self(open(OWN_BINARY, O_RDONLY | O_CLOEXEC));
  struct stat info{};
  if (!self || fstat(self.get(), &info) < 0) return {};
  Fd copy(memfd_create("fairlead-runtime", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC));
  if (!copy) copy = Fd(memfd_create("fairlead-runtime", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!copy) return {};
  off_t left = info.st_size;
  while (left > 0) {
    const ssize_t moved = sendfile(copy.get(), self.get(), nullptr, static_cast<size_t>(left));
    if (moved <= 0) return {};
    left -= moved;
  }
  if (fcntl(copy.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0)
    return {};
  return copy;
}

Fd view;

} // namespace

// execveat(2) calls what it runs /dev/fd/N. Nothing else that may have that number now is a handle
// on the binary.
void adopt_view() {
  const auto* name = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
  constexpr std::string_view FOLDER = "/dev/fd/";
  if (name == nullptr || !std::string_view(name).starts_with(FOLDER)) return;
  int fd = -1;
  const char* end = name + strlen(name);
  if (const auto read = std::from_chars(name + FOLDER.size(), end, fd); read.ptr != end) return;
  struct stat there{}, own{};
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || (flags & O_PATH) == 0 || fstat(fd, &there) < 0) return;
  if (stat(OWN_BINARY, &own) < 0 || there.st_ino != own.st_ino || there.st_dev != own.st_dev)
    return;
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  view.reset(fd);
}

void drop_view() { view.reset(); }

Status check_preserved(int count) {
  if (count > 0) drop_view();
  for (int fd = 3; fd < 3 + count; ++fd)
    if (fcntl(fd, F_GETFD) < 0) return fail("preserve descriptor", std::to_string(fd));
  return {};
}

Status seal_binary(char** argv) {
  if (sealed()) return {};
  Fd file(static_cast<int>(readonly_view(OPEN_TREE_CLOEXEC)));
  if (!file) file = sealed_copy();
  if (!file) return fail("seal binary", OWN_BINARY);
  syscall(SYS_execveat, file.get(), "", argv, environ, AT_EMPTY_PATH);
  return fail("run sealed binary", OWN_BINARY);
}

} // namespace fairlead
