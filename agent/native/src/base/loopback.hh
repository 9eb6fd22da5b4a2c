// The loopback device of the current network namespace.
#pragma once

namespace fairlead {

// Brings up "lo"; one that is up already is fine. False leaves the cause in errno. It allocates
// nothing, so it may run between clone and exec.
bool raise_loopback();

} // namespace fairlead
