// Owner, mode, extended attributes and times of an entry.
#pragma once
#include <archive_entry.h>

#include <ctime>
#include <string>

#include "base/error.hh"

namespace fairlead {

// Applies them to the path, without following it, or to `file` when that is not -1.
Status set_metadata(archive_entry* entry, const std::string& path, int file);

// Access and modification time, for utimensat(2).
void times_of(archive_entry* entry, timespec (&times)[2]);

} // namespace fairlead
