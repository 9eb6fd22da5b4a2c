// The cgroup that all shims of one agent share: beside the containers' and outside the agent's
// service, so that stopping the service leaves them running.
#pragma once
#include <string>
#include <utility>

#include "base/error.hh"

namespace fairlead::shim {

class HomeGroup {
public:
  // Moves this process to PARENT/shims, where PARENT/NAME is the configuration's cgroupsPath.
  static Result<HomeGroup> enter(const std::string& config_path);
  HomeGroup(HomeGroup&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  HomeGroup& operator=(HomeGroup&&) = delete;
  // Leaves it, and removes it when this was the last shim.
  ~HomeGroup();

private:
  explicit HomeGroup(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

} // namespace fairlead::shim
