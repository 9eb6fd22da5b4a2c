// Whole files, see file.hh.
#include "base/file.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "base/fd.hh"

namespace fairlead {

Result<std::string> read_file(const std::string& path, size_t limit) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return fail("open", path);
  std::string text;
  struct stat info{};
  const bool sized = ::fstat(fd.get(), &info) == 0 && info.st_size > 0;
  size_t step = sized ? static_cast<size_t>(info.st_size) + 1 : 4096;
  if (step > limit + 1) step = limit + 1;
  size_t used = 0;
  for (;;) {
    if (text.size() - used < step) text.resize(used + step);
    const ssize_t got = ::read(fd.get(), text.data() + used, text.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail("read", path);
    if (got == 0) break;
    used += static_cast<size_t>(got);
    if (used > limit) return refuse("read", "larger than " + std::to_string(limit), path);
    step = 4096;
  }
  text.resize(used);
  return text;
}

Status write_file(const std::string& path, std::string_view text) {
  const Fd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd) return fail("open", path);
  const ssize_t done = ::write(fd.get(), text.data(), text.size());
  if (done < 0) return fail("write", path);
  if (static_cast<size_t>(done) != text.size()) return refuse("write", "written in part", path);
  return {};
}

Status create_file(const std::string& path, std::string_view text, int mode) {
  const Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!fd) return fail("create", path);
  size_t done = 0;
  while (done < text.size()) {
    const ssize_t step = ::write(fd.get(), text.data() + done, text.size() - done);
    if (step < 0 && errno == EINTR) continue;
    if (step <= 0) {
      const auto error = fail("write", path);
      ::unlink(path.c_str());
      return error;
    }
    done += static_cast<size_t>(step);
  }
  return {};
}

Status replace_file(const std::string& path, std::string_view text, int mode) {
  const std::string temporary = path + ".new." + std::to_string(::getpid());
  if (Status done = create_file(temporary, text, mode); !done) return done;
  if (std::rename(temporary.c_str(), path.c_str()) == 0) return {};
  const auto error = fail("rename", path);
  ::unlink(temporary.c_str());
  return error;
}

} // namespace fairlead
