// Cleaning of archive names; no file system access here.
#include "unpack/name.hh"

#include <climits>
#include <vector>

namespace fairlead {

Result<std::string> clean_name(std::string_view name) {
  if (name.size() >= PATH_MAX) {
    return refuse("read name", "the name has " + std::to_string(name.size()) + " bytes",
                  printable(name));
  }
  std::vector<std::string_view> kept;
  size_t at = 0;
  while (at <= name.size()) {
    const size_t slash = std::min(name.find('/', at), name.size());
    const std::string_view part = name.substr(at, slash - at);
    at = slash + 1;
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      if (kept.empty())
        return refuse("read name", "the name leads out of the root", printable(name));
      kept.pop_back();
      continue;
    }
    if (part.size() > NAME_MAX)
      return refuse("read name", "a part of the name is longer than 255 bytes", printable(name));
    kept.push_back(part);
  }
  std::string out;
  for (const auto part : kept) {
    if (!out.empty()) out += '/';
    out += part;
  }
  return out.empty() ? "." : out;
}

std::string parent_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

std::string base_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 200)) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 0x20 || byte == 0x7f ? '?' : c;
  }
  if (text.size() > 200) out += "...";
  return out;
}

} // namespace fairlead
