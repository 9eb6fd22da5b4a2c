// Whether this program itself runs in a user namespace, as a rootless agent's does.
#pragma once
#include <sys/types.h>

namespace fairlead {

// The host's root cannot be told apart otherwise: device nodes and device rules are its alone.
bool in_user_namespace();
// Whether setgroups(2) is forbidden for good in the user namespace of a process, by default of this
// one (user_namespaces(7)).
bool groups_are_fixed(pid_t pid = 0);

} // namespace fairlead
