// Reads values of annotations in GVariant's text format, as far as properties of units need it.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "systemd/property.hh"

namespace fairlead::systemd {

namespace {

constexpr std::string_view PREFIX = "org.systemd.property.";

std::string_view trimmed(std::string_view text) {
  const size_t from = text.find_first_not_of(' ');
  return from == text.npos ? "" : text.substr(from, text.find_last_not_of(' ') - from + 1);
}

// 'text' or "text" at the beginning; what follows stays in `rest`.
std::optional<std::string> take_text(std::string_view& rest) {
  if (rest.empty() || (rest[0] != '\'' && rest[0] != '"')) return std::nullopt;
  const char quote = rest[0];
  std::string out;
  for (size_t at = 1; at < rest.size(); ++at) {
    if (rest[at] == quote) {
      rest = trimmed(rest.substr(at + 1));
      return out;
    }
    if (rest[at] == '\\' && ++at == rest.size()) break;
    out += rest[at];
  }
  return std::nullopt;
}

std::optional<Strings> read_list(std::string_view text) {
  if (!text.starts_with('[') || !text.ends_with(']')) return std::nullopt;
  std::string_view rest = trimmed(text.substr(1, text.size() - 2));
  Strings out;
  while (!rest.empty()) {
    const auto one = take_text(rest);
    if (!one) return std::nullopt;
    out.push_back(*one);
    if (rest.empty()) break;
    if (!rest.starts_with(',')) return std::nullopt;
    rest = trimmed(rest.substr(1));
  }
  return out;
}

template <typename T> bool read_number(std::string_view text, Property& out) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return false;
  out.value = value;
  return true;
}

bool read_value(std::string_view text, Property& out) {
  if (text == "true" || text == "false") {
    out.value = text == "true";
    return true;
  }
  if (std::string_view rest = text; auto value = take_text(rest)) {
    if (!rest.empty()) return false;
    out.value = std::move(*value);
    return true;
  }
  if (auto list = read_list(text)) {
    out.value = std::move(*list);
    return true;
  }
  const size_t blank = text.find(' ');
  if (blank == text.npos) return read_number<int32_t>(text, out);
  const std::string_view type = text.substr(0, blank), number = trimmed(text.substr(blank));
  if (type == "int32") return read_number<int32_t>(number, out);
  if (type == "uint32") return read_number<uint32_t>(number, out);
  if (type == "int64") return read_number<int64_t>(number, out);
  return type == "uint64" && read_number<uint64_t>(number, out);
}

// D-Bus has times in microseconds only: "TimeoutStopSec" is "TimeoutStopUSec" there.
bool read_seconds(std::string_view text, Property& out) {
  const std::string number(trimmed(text.substr(text.find(' ') + 1)));
  char* end = nullptr;
  const double seconds = strtod(number.c_str(), &end);
  if (number.empty() || *end != '\0' || !(seconds >= 0 && seconds < 1e12)) return false;
  out.value = static_cast<uint64_t>(std::llround(seconds * 1e6));
  return true;
}

} // namespace

Result<Properties> annotated(const std::vector<std::pair<std::string, std::string>>& annotations) {
  Properties out;
  for (const auto& [key, value] : annotations) {
    if (!key.starts_with(PREFIX)) continue;
    Property one{key.substr(PREFIX.size()), false};
    const bool named = one.name.size() > 2 && std::ranges::all_of(one.name, [](unsigned char c) {
                         return isalpha(c) != 0;
                       });
    if (!named) return refuse("read annotation", "names no property of systemd", key);
    const size_t stem = one.name.size() - 3;
    const bool seconds = stem > 0 && one.name.ends_with("Sec") && islower(one.name[stem - 1]) != 0;
    if (seconds) one.name.replace(stem, 3, "USec");
    if (!(seconds ? read_seconds : read_value)(trimmed(value), one))
      return refuse("read annotation",
                    "its value must be GVariant text: true, 5, uint64 5, 'text' or ['a', 'b']",
                    key);
    out.push_back(std::move(one));
  }
  return out;
}

} // namespace fairlead::systemd
