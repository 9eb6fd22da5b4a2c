// JSON strings out of arbitrary bytes, escaped as Go's encoder, and so Docker's log, does it:
// invalid UTF-8 becomes U+FFFD, and <, >, & and the line separators are escaped.
#pragma once
#include <string>
#include <string_view>

namespace fairlead::shim {

void append_quoted(std::string& out, std::string_view bytes);
std::string quoted(std::string_view bytes);

} // namespace fairlead::shim
