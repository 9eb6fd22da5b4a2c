// Copies unpacked layers over each other, for container roots without overlayfs.
#pragma once
#include "base/error.hh"
#include "base/fd.hh"

namespace fairlead {

// Copies the tree at `layer` to the current root and applies its whiteouts, whichever form they
// have. The layer was unpacked by us: its names are plain, its content is not trusted.
Status flatten(const Fd& layer);

} // namespace fairlead
