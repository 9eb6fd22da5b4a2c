// Taking the kernel's and the system's text files apart. Without streams, whose locales cost a
// small program more than the rest of such a file. The parts lie in the given text.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace fairlead {

// The parts between separators, also empty ones; none after a last separator.
std::vector<std::string_view> split(std::string_view text, char separator);
inline std::vector<std::string_view> lines_of(std::string_view text) { return split(text, '\n'); }

// The parts between blanks, of which there may be several.
std::vector<std::string_view> words_of(std::string_view text);

// Of ASCII alone.
std::string lower_case(std::string_view text);

} // namespace fairlead
