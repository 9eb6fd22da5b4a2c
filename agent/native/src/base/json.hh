// Reading of JSON objects with checks: a missing key is fine, a wrong type is an error with its
// path. Knows nothing of what the keys mean.
#pragma once
#include <rapidjson/document.h>

#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hh"

namespace fairlead {

// Parses text of bounded size and depth; the error says what is wrong and where.
Result<rapidjson::Document> parse_json(const std::string& text, const std::string& what);

// The canonical text of a value.
std::string json_text(const rapidjson::Value& value);

// A cursor on one object. All cursors of a document share the first error found.
class JsonObject {
public:
  JsonObject(const rapidjson::Value* value, std::string path, std::optional<Error>* error);

  explicit operator bool() const { return value_ != nullptr; }
  const std::string& path() const { return path_; }
  const rapidjson::Value* raw() const { return value_; }
  // Records that a value is wrong, unless an earlier error was recorded.
  void reject(const std::string& key, const std::string& why) const;

  JsonObject object(const char* key) const;
  void text(const char* key, std::string& out) const;
  void flag(const char* key, bool& out) const;
  void flag(const char* key, std::optional<bool>& out) const;
  void strings(const char* key, std::vector<std::string>& out) const;
  // Members of an object whose values are strings, in file order.
  void pairs(const char* key, std::vector<std::pair<std::string, std::string>>& out) const;
  bool has(const char* key) const { return find(key) != nullptr; }

  template <typename T> void number(const char* key, T& out) const {
    const rapidjson::Value* value = find(key);
    if (value == nullptr) return;
    if constexpr (std::numeric_limits<T>::is_signed)
      if (value->IsInt64() && fits<T>(value->GetInt64())) out = static_cast<T>(value->GetInt64());
      else
        reject_number(key, std::to_string(std::numeric_limits<T>::min()),
                      std::to_string(std::numeric_limits<T>::max()));
    else if (value->IsUint64() && value->GetUint64() <= std::numeric_limits<T>::max())
      out = static_cast<T>(value->GetUint64());
    else reject_number(key, "0", std::to_string(std::numeric_limits<T>::max()));
  }
  template <typename T> void number(const char* key, std::optional<T>& out) const {
    if (find(key) == nullptr) return;
    T value{};
    number(key, value);
    out = value;
  }
  // Calls visit(JsonObject) for every element of an array of objects.
  template <typename F> void each(const char* key, F visit) const {
    const rapidjson::Value* list = array(key);
    if (list == nullptr) return;
    for (rapidjson::SizeType i = 0; i < list->Size(); ++i) {
      const std::string at = path_of(key) + "[" + std::to_string(i) + "]";
      JsonObject element(&(*list)[i], at, error_);
      if (element) visit(element);
    }
  }
  // Calls visit(key, JsonObject) for every member that is an object.
  template <typename F> void members(F visit) const {
    if (value_ == nullptr) return;
    for (const auto& member : value_->GetObject()) {
      const std::string key(member.name.GetString(), member.name.GetStringLength());
      JsonObject inner(&member.value, path_of(key.c_str()), error_);
      if (inner) visit(key, inner);
    }
  }

private:
  template <typename T> static bool fits(int64_t value) {
    return value >= std::numeric_limits<T>::min() && value <= std::numeric_limits<T>::max();
  }
  const rapidjson::Value* find(const char* key) const;
  const rapidjson::Value* array(const char* key) const;
  std::string path_of(const char* key) const;
  void reject_number(const char* key, const std::string& low, const std::string& high) const;
  bool take_text(const rapidjson::Value& value, const std::string& key, std::string& out) const;

  const rapidjson::Value* value_;
  std::string path_;
  std::optional<Error>* error_;
};

} // namespace fairlead
