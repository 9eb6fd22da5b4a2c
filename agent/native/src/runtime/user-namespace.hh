// Whether this program itself runs in a user namespace, as a rootless agent's does.
#pragma once

namespace fairlead {

// The host's root cannot be told apart otherwise: device nodes and device rules are its alone.
bool in_user_namespace();
// Whether setgroups(2) is forbidden here for good (user_namespaces(7)).
bool groups_are_fixed();

} // namespace fairlead
