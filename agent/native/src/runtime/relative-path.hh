// Paths of a container, relative to its root.
#pragma once
#include <string>

namespace fairlead {

// Without its leading slashes and without "." and "..".
std::string relative_inside(const std::string& path);

} // namespace fairlead
