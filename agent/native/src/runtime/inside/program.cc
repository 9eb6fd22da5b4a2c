// Finding and executing the program of a process as execvpe(3) does, with the PATH of the container
// and without its fallback to a shell. Runs between clone and exec: no allocation.
#include "runtime/inside/program.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>

#include "runtime/inside/report.hh"

namespace fairlead::inside {

namespace {

// Calls attempt(path) for each candidate until it returns true.
template <typename F> bool each_candidate(const Identity& identity, F attempt) {
  const char* name = identity.argv[0];
  if (strchr(name, '/') != nullptr) return attempt(name);
  const size_t name_length = strlen(name);
  const char* part = identity.search;
  while (name_length > 0) {
    const char* end = strchrnul(part, ':');
    const size_t length = static_cast<size_t>(end - part);
    char path[PATH_MAX];
    if (length + name_length + 2 < sizeof path) {
      memcpy(path, part, length);
      size_t at = length;
      if (at > 0) path[at++] = '/'; // an empty part is the working directory
      memcpy(path + at, name, name_length + 1);
      if (attempt(path)) return true;
    }
    if (*end == '\0') break;
    part = end + 1;
  }
  return false;
}

} // namespace

bool find_program(const Identity& identity) {
  int worst = ENOENT;
  const bool found = each_candidate(identity, [&](const char* path) {
    struct stat info{};
    if (stat(path, &info) < 0) {
      if (errno == EACCES) worst = EACCES;
      return false;
    }
    if (S_ISREG(info.st_mode) && (info.st_mode & 0111) != 0) return true;
    worst = S_ISDIR(info.st_mode) && strchr(identity.argv[0], '/') != nullptr ? EISDIR : EACCES;
    return false;
  });
  if (found) return true;
  errno = worst;
  return broke("exec", identity.argv[0]);
}

bool exec_found(const Identity& identity) {
  int worst = ENOENT;
  each_candidate(identity, [&](const char* path) {
    execve(path, identity.argv, identity.envp);
    if (errno == EACCES) worst = EACCES;
    else if (errno != ENOENT && errno != ENOTDIR) worst = errno;
    return worst != ENOENT && worst != EACCES;
  });
  errno = worst;
  return broke("exec", identity.argv[0]);
}

} // namespace fairlead::inside
