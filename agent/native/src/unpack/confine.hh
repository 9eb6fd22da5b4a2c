// Shuts the process into one directory before it reads a byte of hostile input.
#pragma once
#include <string>

#include "base/error.hh"

namespace fairlead {

// Enters an own mount namespace whose root is `directory`; the host's tree is detached from it.
// Keeps only the capabilities that writing a root file system takes.
Status confine(const std::string& directory);

} // namespace fairlead
