// Reading of JSON objects in which a key that is asked for must be there, with its range.
// No accessor of rapidjson is called on a value of another type: that would abort the process.
#pragma once
#include <rapidjson/document.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hh"

namespace fairlead::shim {

using Json = rapidjson::Value;

// An object out of hostile text, at most 64 levels deep; `what` names the text in errors.
Result<rapidjson::Document> parse_object(const std::string& text, const std::string& what);
// The member of an object, null when it is absent or JSON's null.
const Json* member(const Json& object, const char* key);

// Reads the fields of one object and remembers the first problem, so that a reader of many
// fields checks once at its end.
class Fields {
public:
  Fields(const Json& object, std::string where) : object_(object), where_(std::move(where)) {}

  bool has(const char* key) const { return member(object_, key) != nullptr; }
  std::string text(const char* key);
  std::string text_or(const char* key, std::string fallback);
  bool flag(const char* key);
  bool flag_or(const char* key, bool fallback);
  int64_t number(const char* key, int64_t least, int64_t most);
  int64_t number_or(const char* key, int64_t least, int64_t most, int64_t fallback);
  std::vector<std::string> texts(const char* key, size_t most);
  const Json* object(const char* key); // null and a problem when it is there but no object
  void problem(const char* key, const std::string& sentence);
  Status status() const;

private:
  const Json& object_;
  std::string where_;
  std::string problem_;
};

} // namespace fairlead::shim
