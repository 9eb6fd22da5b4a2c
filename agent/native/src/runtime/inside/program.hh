// Finding and executing the program.
#pragma once
#include "runtime/inside/plan.hh"

namespace fairlead::inside {

bool find_program(const Identity& identity); // whether there is something to execute
bool exec_found(const Identity& identity);   // returns only on failure

} // namespace fairlead::inside
