// Names inside an archive: hostile text that becomes a path below the root, or is refused.
#pragma once
#include <string>
#include <string_view>

#include "base/error.hh"

namespace fairlead {

// "./a//b/../c" becomes "a/c"; the root itself becomes ".". Refuses names that climb out of the
// root, and components or paths longer than the kernel takes.
Result<std::string> clean_name(std::string_view name);

// "a/b" gives "a", "b" gives ".".
std::string parent_of(const std::string& path);
std::string base_of(const std::string& path);

// Text for a message: control bytes become '?', and at most 200 bytes are kept.
std::string printable(std::string_view text);

} // namespace fairlead
