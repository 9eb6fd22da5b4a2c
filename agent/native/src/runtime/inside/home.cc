// HOME from the container's passwd(5), whose content is anybody's: a bounded read of a plain file.
// Runs between clone and exec: no allocation.
#include "runtime/inside/home.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <cstring>

#include "base/fd.hh"

namespace fairlead::inside {

namespace {

constexpr size_t MOST_READ = 8U << 20U;
constexpr char NAME[] = "HOME=";

char home[sizeof NAME + PATH_MAX];

// "name:password:uid:gid:gecos:directory:shell"; copies the directory when the line is the user's.
bool take_line(char* line, uid_t uid) {
  char* fields[6] = {line};
  for (int field = 1; field < 6; ++field) {
    char* colon = strchr(fields[field - 1], ':');
    if (colon == nullptr) return false;
    *colon = '\0';
    fields[field] = colon + 1;
  }
  char* end = nullptr;
  const unsigned long number = strtoul(fields[2], &end, 10);
  if (end == fields[2] || *end != '\0' || number != uid) return false;
  fields[5][strcspn(fields[5], ":")] = '\0';
  const size_t length = strlen(fields[5]);
  if (length == 0 || length >= PATH_MAX) return false;
  memcpy(home + sizeof NAME - 1, fields[5], length + 1);
  return true;
}

bool search(int file, uid_t uid) {
  char text[8192];
  size_t held = 0, total = 0;
  bool skipping = false; // the rest of a line that is longer than the text
  for (;;) {
    const ssize_t got = read(file, text + held, sizeof text - 1 - held);
    if (got <= 0 || (total += static_cast<size_t>(got)) > MOST_READ) break;
    held += static_cast<size_t>(got);
    text[held] = '\0';
    char* line = text;
    for (char* end; (end = static_cast<char*>(memchr(line, '\n', held))) != nullptr;) {
      *end = '\0';
      if (!skipping && take_line(line, uid)) return true;
      skipping = false;
      held -= static_cast<size_t>(end + 1 - line);
      line = end + 1;
    }
    memmove(text, line, held);
    if (held == sizeof text - 1) {
      skipping = true;
      held = 0;
    }
  }
  text[held] = '\0';
  return !skipping && take_line(text, uid);
}

} // namespace

void set_home(const Identity& identity) {
  if (identity.home == nullptr) return;
  memcpy(home, NAME, sizeof NAME);
  const Fd file(open("/etc/passwd", O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  struct stat info{};
  const bool plain = file && fstat(file.get(), &info) == 0 && S_ISREG(info.st_mode);
  if (!plain || !search(file.get(), identity.uid)) strcat(home, "/");
  *identity.home = home;
}

} // namespace fairlead::inside
