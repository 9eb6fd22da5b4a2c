// Filling a fresh tmpfs with what it covers.
#pragma once

namespace fairlead::inside {

bool copy_up(int from, int to);

} // namespace fairlead::inside
