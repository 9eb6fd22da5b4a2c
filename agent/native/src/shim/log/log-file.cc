// Writing and rotating, in raw system calls.
#include "shim/log/log-file.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>

#include "base/raw-syscall.hh"

namespace fairlead::shim {

namespace {

// PATH, or PATH.N, ended by a null.
class Name {
public:
  Name(const std::string& path, int64_t number) {
    size_t at = path.copy(text_, LogFile::LONGEST_PATH);
    if (number > 0) {
      char digits[20];
      size_t count = 0;
      for (; number > 0; number /= 10) digits[count++] = static_cast<char>('0' + number % 10);
      text_[at++] = '.';
      while (count > 0) text_[at++] = digits[--count];
    }
    text_[at] = '\0';
  }
  long get() const { return raw(text_); }

private:
  char text_[LogFile::LONGEST_PATH + 24];
};

} // namespace

uint64_t LogFile::append(std::string_view lines, const Limits& limits) {
  uint64_t lost = 0;
  bool rotated = false; // a rotation that could not move the file must not be tried for ever
  while (!lines.empty()) {
    size_t length = 0;
    uint64_t count = 0;
    while (length < lines.size()) {
      const size_t next = lines.find('\n', length) + 1;
      const bool over =
          limits.max_size_bytes > 0 && size_ + static_cast<int64_t>(next) > limits.max_size_bytes;
      if (over && (count > 0 || (size_ > 0 && !rotated))) break;
      length = next;
      ++count;
    }
    if (length == 0) {
      rotate(limits.max_files);
      rotated = true;
      continue;
    }
    rotated = false;
    if (!put(lines.substr(0, length))) lost += count;
    lines.remove_prefix(length);
  }
  return lost;
}

// All or nothing: half a line would break every reader, so what was written of it is taken back.
bool LogFile::put(std::string_view bytes) {
  if (fd_ < 0 && !open()) return false;
  size_t written = 0;
  while (written < bytes.size()) {
    const long count = raw_syscall(SYS_write, fd_, raw(bytes.data() + written),
                                   static_cast<long>(bytes.size() - written));
    if (count == -EINTR) continue;
    if (count <= 0) {
      error_ = count < 0 ? static_cast<int>(-count) : EIO;
      if (written > 0 && raw_syscall(SYS_ftruncate, fd_, size_) != 0) close();
      return false;
    }
    written += static_cast<size_t>(count);
  }
  size_ += static_cast<int64_t>(written);
  return true;
}

// PATH.N-2 -> PATH.N-1 … PATH -> PATH.1; a step that fails leaves that file where it is. A file
// that goes altogether is removed, not emptied: who follows it reads on to its end, and then finds
// the new one.
void LogFile::rotate(int64_t max_files) {
  for (int64_t i = max_files - 1; i > 0; --i)
    raw_syscall(SYS_renameat, AT_FDCWD, Name(path_, i - 1).get(), AT_FDCWD, Name(path_, i).get());
  if (max_files <= 1 && raw_syscall(SYS_unlinkat, AT_FDCWD, Name(path_, 0).get(), 0) != 0)
    raw_syscall(SYS_ftruncate, fd_, 0);
  close();
  size_ = 0;
  (void)open();
}

bool LogFile::open() {
  constexpr int FLAGS = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  const long fd = raw_syscall(SYS_openat, AT_FDCWD, Name(path_, 0).get(), FLAGS, 0640);
  if (fd < 0) {
    error_ = static_cast<int>(-fd);
    return false;
  }
  fd_ = static_cast<int>(fd);
  struct statx facts{};
  const long told =
      raw_syscall(SYS_statx, fd_, raw(""), AT_EMPTY_PATH, STATX_TYPE | STATX_SIZE, raw(&facts));
  if (told < 0 || !S_ISREG(facts.stx_mode)) {
    error_ = told < 0 ? static_cast<int>(-told) : EINVAL;
    close();
    return false;
  }
  size_ = static_cast<int64_t>(facts.stx_size);
  return true;
}

void LogFile::close() {
  if (fd_ >= 0) raw_syscall(SYS_close, fd_);
  fd_ = -1;
}

} // namespace fairlead::shim
