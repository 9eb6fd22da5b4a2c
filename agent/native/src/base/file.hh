// Whole files read and written in one call.
#pragma once
#include <string>
#include <string_view>

#include "base/error.hh"

namespace fairlead {

// Reads at most `limit` bytes; a longer file is an error.
Result<std::string> read_file(const std::string& path, size_t limit = 16U << 20U);
// Writes to an existing file (or one of the kernel's) in one write(2).
Status write_file(const std::string& path, std::string_view text);
// Writes a file that nobody reads yet; on failure there is none.
Status create_file(const std::string& path, std::string_view text, int mode = 0600);
// Replaces a file atomically: a temporary one beside it, then rename(2).
Status replace_file(const std::string& path, std::string_view text, int mode = 0600);

} // namespace fairlead
