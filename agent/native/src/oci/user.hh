// Calls by an ordinary user, who has the rights to make a container in a user namespace only.
#pragma once
#include "runtime/spec.hh"

namespace fairlead {

// Makes the user namespace of the configuration and enters it as its root, so that what follows can
// be done as by root; the configuration then has none of its own. Does nothing for root.
Status become_root(Spec& spec);

} // namespace fairlead
