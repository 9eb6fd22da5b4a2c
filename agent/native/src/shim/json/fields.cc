// Checked reading, see fields.hh.
#include "shim/json/fields.hh"

#include "base/json.hh"

namespace fairlead::shim {

// A malformed text is the sender's fault, and its errno says so.
Result<rapidjson::Document> parse_object(const std::string& text, const std::string& what) {
  auto parsed = parse_json(text, what);
  if (!parsed && parsed.error().code == 0) parsed.error().code = EINVAL;
  return parsed;
}

const Json* member(const Json& object, const char* key) {
  if (!object.IsObject()) return nullptr;
  const auto found = object.FindMember(key);
  return found == object.MemberEnd() || found->value.IsNull() ? nullptr : &found->value;
}

std::string Fields::text(const char* key) {
  const Json* value = member(object_, key);
  if (value == nullptr || !value->IsString()) {
    problem(key, "must be a string");
    return {};
  }
  std::string out(value->GetString(), value->GetStringLength());
  if (out.find('\0') != std::string::npos) problem(key, "must not contain a NUL byte");
  return out;
}

std::string Fields::text_or(const char* key, std::string fallback) {
  return has(key) ? text(key) : fallback;
}

bool Fields::flag(const char* key) {
  const Json* value = member(object_, key);
  if (value != nullptr && value->IsBool()) return value->GetBool();
  problem(key, "must be true or false");
  return false;
}

bool Fields::flag_or(const char* key, bool fallback) { return has(key) ? flag(key) : fallback; }

int64_t Fields::number(const char* key, int64_t least, int64_t most) {
  const Json* value = member(object_, key);
  if (value != nullptr && value->IsInt64()) {
    const int64_t number = value->GetInt64();
    if (number >= least && number <= most) return number;
  }
  problem(key,
          "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return least;
}

int64_t Fields::number_or(const char* key, int64_t least, int64_t most, int64_t fallback) {
  return has(key) ? number(key, least, most) : fallback;
}

std::vector<std::string> Fields::texts(const char* key, size_t most) {
  const Json* value = member(object_, key);
  std::vector<std::string> out;
  if (value == nullptr || !value->IsArray() || value->Size() > most) {
    problem(key, "must be a list of at most " + std::to_string(most) + " strings");
    return out;
  }
  for (const Json& item : value->GetArray()) {
    if (!item.IsString()) {
      problem(key, "must hold strings only");
      return out;
    }
    out.emplace_back(item.GetString(), item.GetStringLength());
  }
  return out;
}

const Json* Fields::object(const char* key) {
  const Json* value = member(object_, key);
  if (value == nullptr || value->IsObject()) return value;
  problem(key, "must be an object");
  return nullptr;
}

void Fields::problem(const char* key, const std::string& sentence) {
  if (problem_.empty()) problem_ = std::string(key) + " " + sentence;
}

Status Fields::status() const {
  if (problem_.empty()) return {};
  return std::unexpected(Error{"read JSON", EINVAL, where_, problem_});
}

} // namespace fairlead::shim
