// The loopback device.
#pragma once

namespace fairlead::inside {

bool raise_loopback(); // in a new network namespace

} // namespace fairlead::inside
