// Mounting an overlay of any number of layers.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/error.hh"

namespace fairlead::addon {

struct Overlay {
  std::vector<std::string> lowers; // topmost first, as overlayfs counts
  std::optional<std::string> upper;
  std::optional<std::string> work;
  std::vector<std::string> options; // such as "metacopy=on", "userxattr"
  std::string target;
};

// Uses fsopen(2) with one lowerdir+ per layer (Linux 6.7); older kernels get mount(2) with the
// layers named by file descriptor, so that about 200 of them fit into the one page of options.
Status mount_overlay(const Overlay& overlay);

} // namespace fairlead::addon
