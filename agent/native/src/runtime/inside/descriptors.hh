// Closing what a program must not inherit.
#pragma once

namespace fairlead::inside {

void close_between(unsigned first, unsigned last); // both of them too
void close_on_exec_from(unsigned first);

} // namespace fairlead::inside
