// setns(2) by a short-lived child.
#include "base/netns.hh"

#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>

namespace fairlead::shim {

namespace {

constexpr size_t STACK_BYTES = 256 * 1024;

struct Errand {
  int netns_fd;
  const std::function<Status()>& task;
  Status outcome;
};

int run_errand(void* argument) {
  auto* errand = static_cast<Errand*>(argument);
  errand->outcome = ::setns(errand->netns_fd, CLONE_NEWNET) == 0 ? errand->task()
                                                                 : fail("setns network namespace");
  return 0;
}

} // namespace

// A user who is not root may not come back into the host's namespace: so a child goes there, which
// shares memory and descriptors with this process, while this one stands still (vfork(2)).
Status in_netns(int netns_fd, const std::function<Status()>& task) {
  void* const stack = ::mmap(nullptr, STACK_BYTES, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (stack == MAP_FAILED) return fail("make stack");
  Errand errand{netns_fd, task, {}};
  const int flags = CLONE_VM | CLONE_VFORK | CLONE_FILES;
  const pid_t child = ::clone(run_errand, static_cast<char*>(stack) + STACK_BYTES, flags, &errand);
  if (child < 0) errand.outcome = fail("clone for network namespace");
  while (child > 0 && ::waitpid(child, nullptr, __WCLONE) < 0 && errno == EINTR) {
  }
  ::munmap(stack, STACK_BYTES);
  return errand.outcome;
}

} // namespace fairlead::shim
