// A null device of a container's own, to be given to runtimes as a stream.
#pragma once
#include "base/error.hh"
#include "base/fd.hh"

namespace fairlead::shim {

// Open for reading and writing. crun makes every stream the property of the container's user, and
// were it /dev/null, so the host's: this one is nobody else's. Where devices may not be made (in a
// user namespace), the host's cannot be taken over either, and it is that one.
Result<Fd> own_null_device();

} // namespace fairlead::shim
