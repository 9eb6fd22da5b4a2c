// Removal of whatever stands at a path, without following links.
#pragma once
#include <string>

#include "base/error.hh"

namespace fairlead {

// Removes a file, or a directory with all it holds; a path that is not there is fine.
Status remove_tree(const std::string& path);

// Removes what a directory holds, and keeps the directory.
Status empty_tree(const std::string& path);

} // namespace fairlead
