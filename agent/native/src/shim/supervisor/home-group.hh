// The cgroup that all shims of one agent share: beside the containers' and outside the agent's
// service, so that stopping the service leaves them running.
#pragma once
#include <sys/types.h>

#include <string>
#include <utility>

#include "base/error.hh"

namespace fairlead::shim {

class HomeGroup {
public:
  // PARENT/shims, where PARENT/NAME is the cgroupsPath of the configuration; makes it.
  static Result<HomeGroup> open(const std::string& config_path);

  // As fork(2); where the kernel can, the child is born in the group.
  Result<pid_t> fork();
  // Moves the child into whatever parts of the group it was not born in.
  Status enter() const;
  // Takes this process out of the group, and removes the group after the last.
  void leave() const;

private:
  explicit HomeGroup(std::string path) : path_(std::move(path)) {}
  std::string path_;
  bool born_ = false; // this process, in the v2 tree
};

} // namespace fairlead::shim
