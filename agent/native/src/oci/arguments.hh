// Command line options: flags declared by name, values by position.
#pragma once
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hh"

namespace fairlead {

struct Flag {
  const char* name; // without dashes
  char letter = '\0';
  bool takes_value = false;
  bool many = false; // may be given several times
};

struct Arguments {
  std::map<std::string, std::vector<std::string>> flags;
  std::vector<std::string> rest;

  bool has(const std::string& name) const { return flags.contains(name); }
  const std::vector<std::string>& all(const std::string& name) const;
  std::string value(const std::string& name, const std::string& otherwise = "") const;
  // A count from 0 to 1024, which is 0 without the flag.
  Result<int> count(const std::string& name) const;
};

// A count from 0 to 1024; `name` says in the error what it was to be.
Result<int> parse_count(const std::string& name, std::string_view text);

// Reads flags up to the first word that is none (`stop_at_word`), or everywhere. "--x=v", "--x v"
// and "-x v" are the same; "--" ends the flags.
Result<Arguments> parse_arguments(const std::vector<std::string>& words, size_t& at,
                                  std::initializer_list<Flag> known, bool stop_at_word);

} // namespace fairlead
