// Keeps this binary out of the reach of containers.
#pragma once
#include "base/error.hh"

namespace fairlead {

// Must be called at the very start of a command that calls create or exec: runs this binary again
// from a read-only copy, so that no container can write to it through /proc (CVE-2019-5736).
// Returns only when that is so already, or with the reason why it cannot be.
Status seal_binary(char** argv);
// Takes hold of what start.cc has run this binary from, so that no program inherits it.
void adopt_view();
// Gives it up. The kernel then waits for a grace period of RCU, so this is called once there is
// nothing else to do than wait, or by the end of the process.
void drop_view();
// To be called before anything is opened: makes sure that the descriptors from 3 on, which a
// process is to keep, are open and none of this program's own.
Status check_preserved(int count);

} // namespace fairlead
