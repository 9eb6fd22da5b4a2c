// Reading of command line options.
#include "oci/arguments.hh"

#include <charconv>

namespace fairlead {

namespace {

const Flag* find(std::initializer_list<Flag> known, const std::string& word, bool single) {
  for (const Flag& flag : known) {
    if (word == flag.name) return &flag;
    if (single && word.size() == 1 && flag.letter != '\0' && word[0] == flag.letter) return &flag;
  }
  return nullptr;
}

} // namespace

const std::vector<std::string>& Arguments::all(const std::string& name) const {
  static const std::vector<std::string> none;
  const auto found = flags.find(name);
  return found == flags.end() ? none : found->second;
}

std::string Arguments::value(const std::string& name, const std::string& otherwise) const {
  const auto found = flags.find(name);
  return found == flags.end() ? otherwise : found->second.back();
}

Result<int> Arguments::count(const std::string& name) const {
  return parse_count("--" + name, value(name, "0"));
}

Result<int> parse_count(const std::string& name, std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 0 || number > 1024)
    return refuse("read options", name + " must be a number from 0 to 1024", std::string(text));
  return number;
}

Result<Arguments> parse_arguments(const std::vector<std::string>& words, size_t& at,
                                  std::initializer_list<Flag> known, bool stop_at_word) {
  Arguments out;
  for (; at < words.size(); ++at) {
    const std::string& word = words[at];
    if (word == "--") {
      ++at;
      break;
    }
    if (word.size() < 2 || word[0] != '-') {
      if (stop_at_word) break;
      out.rest.push_back(word);
      continue;
    }
    const bool single = word[1] != '-'; // Go's flags allow -name as well
    const size_t equals = word.find('=');
    const std::string name = word.substr(single ? 1 : 2, equals - (single ? 1 : 2));
    static constexpr Flag HELP{"help", 'h'};
    const Flag* flag = find(known, name, single);
    if (flag == nullptr) flag = find({HELP}, name, single);
    if (flag == nullptr) return refuse("read options", "unknown option " + word);
    std::string value = equals == word.npos ? "true" : word.substr(equals + 1);
    if (flag->takes_value && equals == word.npos) {
      if (at + 1 >= words.size()) return refuse("read options", word + " needs a value");
      value = words[++at];
    }
    if (!flag->takes_value && value == "false") continue;
    std::vector<std::string>& values = out.flags[flag->name];
    if (!flag->many) values.clear();
    values.push_back(value);
  }
  if (!stop_at_word)
    for (; at < words.size(); ++at) out.rest.push_back(words[at]);
  return out;
}

} // namespace fairlead
