// The terminal of a process.
#pragma once
#include "runtime/inside/plan.hh"

namespace fairlead::inside {

// Opens a pty, makes it the controlling terminal and descriptors 0-2, sends the master.
bool take_console(int root, const Plan& plan, bool mount_console);

} // namespace fairlead::inside
