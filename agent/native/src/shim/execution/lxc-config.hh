// An OCI configuration in the words of lxc.container.conf(5). What liblxc has no word for is left
// to the entry program, or refused.
#pragma once
#include <string>

#include "runtime/spec.hh"

namespace fairlead::shim {

struct LxcPlaces {
  std::string binary;  // becomes ENTRY_PATH in the container
  std::string group;   // of the container, made and limited already
  std::string monitor; // group of lxc-start itself
};

constexpr const char* ENTRY_PATH = "/dev/.fairlead";

// Also makes the mount points that the root lacks, so that a link in the image leads nowhere else.
Result<std::string> lxc_config(const Spec& spec, const LxcPlaces& places);

} // namespace fairlead::shim
