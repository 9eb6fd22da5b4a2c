#include "commands.hh"
namespace fairlead { int unpack_main(int, char**) { return 1; } }
