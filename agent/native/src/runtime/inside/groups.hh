// Entering the cgroups of version 1.
#pragma once

namespace fairlead::inside {

bool enter_group(int entrance); // by its `tasks`
bool enter_groups(int channel); // those that the parent sends

} // namespace fairlead::inside
