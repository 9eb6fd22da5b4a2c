// Checked reading of JSON, see json.hh.
#include "base/json.hh"

#include <rapidjson/error/en.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace fairlead {

namespace {

constexpr size_t MOST_BYTES = 16U << 20U;
constexpr int DEEPEST = 64;

// The recursive parts of rapidjson are only safe on a bounded depth.
bool too_deep(const std::string& text) {
  int depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      else if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      if (++depth > DEEPEST) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

} // namespace

Result<rapidjson::Document> parse_json(const std::string& text, const std::string& what) {
  const std::string step = "parse " + what;
  if (text.size() > MOST_BYTES) return refuse(step, "larger than 16 MiB");
  if (too_deep(text)) return refuse(step, "nested deeper than 64 levels");
  rapidjson::Document document;
  document.Parse(text.data(), text.size());
  if (document.HasParseError()) {
    return refuse(step, std::string(rapidjson::GetParseError_En(document.GetParseError())) +
                            " At byte " + std::to_string(document.GetErrorOffset()) + ".");
  }
  if (!document.IsObject()) return refuse(step, "must be a JSON object");
  return document;
}

std::string json_text(const rapidjson::Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

JsonObject::JsonObject(const rapidjson::Value* value, std::string path, std::optional<Error>* error)
    : value_(value), path_(std::move(path)), error_(error) {
  if (value_ != nullptr && !value_->IsObject()) {
    value_ = nullptr;
    reject("", "must be an object");
  }
}

void JsonObject::reject(const std::string& key, const std::string& why) const {
  if (error_->has_value()) return;
  const std::string at = key.empty() ? path_ : path_of(key.c_str());
  *error_ = Error{"read configuration", 0, at, why};
}

JsonObject JsonObject::object(const char* key) const { return {find(key), path_of(key), error_}; }

void JsonObject::text(const char* key, std::string& out) const {
  const rapidjson::Value* value = find(key);
  if (value != nullptr) take_text(*value, key, out);
}

void JsonObject::flag(const char* key, bool& out) const {
  const rapidjson::Value* value = find(key);
  if (value == nullptr) return;
  if (value->IsBool()) out = value->GetBool();
  else reject(key, "must be true or false");
}

void JsonObject::flag(const char* key, std::optional<bool>& out) const {
  if (find(key) == nullptr) return;
  bool value = false;
  flag(key, value);
  out = value;
}

void JsonObject::strings(const char* key, std::vector<std::string>& out) const {
  const rapidjson::Value* list = array(key);
  if (list == nullptr) return;
  out.reserve(list->Size());
  for (const auto& element : list->GetArray()) {
    std::string text;
    if (take_text(element, key, text)) out.push_back(std::move(text));
  }
}

void JsonObject::pairs(const char* key,
                       std::vector<std::pair<std::string, std::string>>& out) const {
  const JsonObject map = object(key);
  if (!map) return;
  for (const auto& member : map.value_->GetObject()) {
    std::string name, text;
    if (map.take_text(member.name, "", name) && map.take_text(member.value, name, text))
      out.emplace_back(std::move(name), std::move(text));
  }
}

const rapidjson::Value* JsonObject::find(const char* key) const {
  if (value_ == nullptr) return nullptr;
  const auto member = value_->FindMember(key);
  if (member == value_->MemberEnd() || member->value.IsNull()) return nullptr;
  return &member->value;
}

const rapidjson::Value* JsonObject::array(const char* key) const {
  const rapidjson::Value* list = find(key);
  if (list == nullptr || list->IsArray()) return list;
  reject(key, "must be an array");
  return nullptr;
}

std::string JsonObject::path_of(const char* key) const {
  return path_.empty() ? key : path_ + "." + key;
}

void JsonObject::reject_number(const char* key, const std::string& low,
                               const std::string& high) const {
  reject(key, "must be a whole number from " + low + " to " + high);
}

bool JsonObject::take_text(const rapidjson::Value& value, const std::string& key,
                           std::string& out) const {
  if (!value.IsString()) {
    reject(key, "must be a string");
    return false;
  }
  out.assign(value.GetString(), value.GetStringLength());
  if (out.find('\0') == std::string::npos) return true;
  reject(key, "must not contain a NUL byte"); // execve(2) and path calls would cut it off there
  return false;
}

} // namespace fairlead
