// Limits as properties of a unit: systemd must know them, or it would set its own the next time it
// realizes the unit. The cgroup's files stay the runtime's to write.
#pragma once
#include "runtime/spec.hh"
#include "systemd/property.hh"

namespace fairlead::systemd {

// `version` is systemd's own: what it does not know yet is left out (systemd.resource-control(5)).
Result<Properties> limits_of(const Resources& resources, unsigned version);

// Access to devices, for systemd's list of what is allowed. On cgroup v1, where that list replaces
// ours at a reload, rules that it cannot express are refused.
Status add_devices(const std::vector<DeviceRule>& rules, bool only_list, Properties& out);

} // namespace fairlead::systemd
