// Keeps what a shim has resident near what its waiting takes: making a container touches most of
// the program once, and dozens of shims wait for days.
#pragma once

namespace fairlead::shim {

// Gives back memory that can be had again: free heap, and pages of the program's own file, which
// stay in the page cache and come back with the next instruction that needs them.
void trim_footprint();

} // namespace fairlead::shim
