// Reading name tables: "IP NAME[ NAME...]" a line, # begins a comment.
#include "shim/dns/name-table.hh"

#include <arpa/inet.h>
#include <sys/stat.h>

#include "base/file.hh"
#include "base/words.hh"

namespace fairlead::shim {

namespace {

constexpr size_t MOST_NAMES = 65'536;

std::string_view next_word(std::string_view& line) {
  constexpr std::string_view BLANK = " \t\r";
  const size_t start = line.find_first_not_of(BLANK);
  if (start == std::string_view::npos) {
    line = {};
    return {};
  }
  line.remove_prefix(start);
  const std::string_view word = line.substr(0, line.find_first_of(BLANK));
  line.remove_prefix(word.size());
  return word;
}

std::string parse_address(std::string_view word) {
  const std::string text(word);
  char bytes[16];
  if (::inet_pton(AF_INET, text.c_str(), bytes) == 1) return {bytes, 4};
  if (::inet_pton(AF_INET6, text.c_str(), bytes) == 1) return {bytes, 16};
  return {};
}

std::string normal(std::string_view word) {
  std::string out = lower_case(word);
  if (out.ends_with('.')) out.pop_back();
  return out;
}

} // namespace

void NameTable::refresh() {
  struct stat facts{};
  if (::stat(path_.c_str(), &facts) != 0) {
    by_name_.clear();
    by_address_.clear();
    size_ = -1;
    return;
  }
  const int64_t modified = facts.st_mtim.tv_sec * 1'000'000'000LL + facts.st_mtim.tv_nsec;
  if (facts.st_ino == inode_ && modified == modified_ns_ && facts.st_size == size_) return;
  const auto text = read_file(path_);
  if (!text) return;
  inode_ = facts.st_ino;
  modified_ns_ = modified;
  size_ = facts.st_size;
  parse(*text);
}

const std::vector<std::string>* NameTable::addresses(const std::string& name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &found->second;
}

const std::string* NameTable::name(const std::string& address) const {
  const auto found = by_address_.find(address);
  return found == by_address_.end() ? nullptr : &found->second;
}

void NameTable::parse(std::string_view text) {
  by_name_.clear();
  by_address_.clear();
  while (!text.empty() && by_name_.size() < MOST_NAMES) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    line = line.substr(0, line.find('#'));
    const std::string address = parse_address(next_word(line));
    if (address.empty()) continue;
    for (std::string_view word = next_word(line); !word.empty(); word = next_word(line)) {
      const std::string name = normal(word);
      by_address_.try_emplace(address, name);
      by_name_[name].push_back(address);
    }
  }
}

} // namespace fairlead::shim
