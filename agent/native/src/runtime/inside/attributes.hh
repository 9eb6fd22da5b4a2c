// Changing a mount by a descriptor of it, and the working directory.
#pragma once
#include <linux/mount.h>

namespace fairlead::inside {

// Before Linux 5.12 attributes change for the mount alone, also where the mounts below are meant.
bool change_mount(int mounted, const mount_attr& wish, bool recursive);

} // namespace fairlead::inside
