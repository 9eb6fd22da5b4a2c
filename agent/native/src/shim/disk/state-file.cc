// Saving of the state, in raw system calls by the disk's thread.
#include "shim/disk/state-file.hh"

#include <fcntl.h>
#include <sys/syscall.h>

#include <cerrno>
#include <utility>

#include "base/raw-syscall.hh"

namespace fairlead::shim {

struct StateFile::Replace : Disk::Job {
  Replace(const std::string& where, const std::string& by, std::string what)
      : Job([](Job& job) { static_cast<Replace&>(job).carry_out(); }), path(where), draft(by),
        text(std::move(what)) {}

  void carry_out() {
    constexpr int FLAGS = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC;
    const long fd = raw_syscall(SYS_openat, AT_FDCWD, raw(draft.c_str()), FLAGS, 0600);
    if (fd < 0) return failed("open", fd);
    for (std::string_view rest = text; step == nullptr && !rest.empty();) {
      const long count =
          raw_syscall(SYS_write, fd, raw(rest.data()), static_cast<long>(rest.size()));
      if (count > 0) rest.remove_prefix(static_cast<size_t>(count));
      else if (count != -EINTR) failed("write", count);
    }
    raw_syscall(SYS_close, fd);
    if (step != nullptr) return;
    const long renamed =
        raw_syscall(SYS_renameat, AT_FDCWD, raw(draft.c_str()), AT_FDCWD, raw(path.c_str()));
    if (renamed < 0) failed("rename", renamed);
  }
  void failed(const char* which, long result) {
    step = which;
    error = static_cast<int>(-result);
  }

  std::string path, draft, text;
  const char* step = nullptr; // the one that failed
  int error = 0;
};

Status StateFile::save(const State& state) {
  std::string text = to_json(state) + "\n";
  if (saving_) next_ = std::move(text);
  else submit(std::move(text));
  return disk_.settle() ? outcome_ : Status{};
}

void StateFile::submit(std::string text) {
  const auto job = std::make_shared<Replace>(path_, draft_, std::move(text));
  saving_ = true;
  disk_.submit(job, [this, job] {
    saving_ = false;
    outcome_ = {};
    if (job->step != nullptr)
      outcome_ = std::unexpected(Error{job->step, job->error, job->draft, {}});
    if (!next_.empty()) submit(std::exchange(next_, {}));
  });
}

} // namespace fairlead::shim
