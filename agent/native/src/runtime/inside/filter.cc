// Installing the seccomp filter. Runs between clone and exec: no allocation.
#include "runtime/inside/filter.hh"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "base/fd.hh"
#include "runtime/inside/report.hh"

namespace fairlead::inside {

namespace {

constexpr long MOST_TURNS = 1L << 31; // some ten seconds

bool install(const Identity& identity, unsigned more_flags) {
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, identity.filter_flags | more_flags,
                 &identity.filter) >= 0 ||
         broke("install seccomp filter");
}

// From the moment the filter is there, every call may wait for whoever holds the listener. So the
// parent learns its number beforehand, fetches it, and this process waits in memory alone.
bool install_with_listener(const Identity& identity, int channel) {
  void* page = mmap(nullptr, sizeof(int), PROT_READ, MAP_SHARED, identity.gate, 0);
  if (page == MAP_FAILED) return broke("map gate");
  Fd lowest(fcntl(channel, F_DUPFD_CLOEXEC, 0)); // that is free
  if (!lowest) return broke("number seccomp listener");
  const int number = lowest.get();
  lowest.reset();
  if (!send_word(channel, Word::listener, number, {&identity.gate, 1}))
    return broke("announce seccomp listener");
  if (!install(identity, SECCOMP_FILTER_FLAG_NEW_LISTENER)) return false;
  const auto* open = static_cast<const std::atomic<int>*>(page);
  for (long turn = 0; open->load(std::memory_order_acquire) == 0; ++turn) {
    if (turn > MOST_TURNS) return broke("wait for seccomp listener");
#ifdef __x86_64__
    __builtin_ia32_pause();
#endif
  }
  return true;
}

} // namespace

bool install_filter(const Identity& identity, int channel) {
  if (identity.filter.len == 0) return true;
  return identity.gate >= 0 ? install_with_listener(identity, channel) : install(identity, 0);
}

} // namespace fairlead::inside
