// Writing of JSON strings.
#pragma once
#include <string>

namespace fairlead {

// The text as a JSON string with its quotes.
std::string quoted(const std::string& text);

} // namespace fairlead
