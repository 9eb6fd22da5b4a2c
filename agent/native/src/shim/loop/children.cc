// Reaping by waitpid(2).
#include "shim/loop/children.hh"

#include <sys/wait.h>

namespace fairlead::shim {

namespace {

// Where the container shares the host's process ids, its orphans end here too, without number.
constexpr size_t MOST_UNCLAIMED = 65'536;

} // namespace

void Children::expect(pid_t child, Ended ended) {
  if (const auto status = take(child)) return ended(*status);
  expected_[child] = std::move(ended);
}

std::optional<int> Children::take(pid_t child) {
  const auto found = unclaimed_.find(child);
  if (found == unclaimed_.end()) return std::nullopt;
  const int status = found->second;
  unclaimed_.erase(found);
  return status;
}

void Children::reap() {
  int status = 0;
  for (pid_t pid; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
    auto node = expected_.extract(pid);
    if (!node.empty()) node.mapped()(status);
    else if (births_ > 0 && unclaimed_.size() < MOST_UNCLAIMED) unclaimed_[pid] = status;
  }
}

} // namespace fairlead::shim
