// JSON reading and quoting.
#include "shim/json.hh"

#include <fcntl.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstdio>

#include "base/fd.hh"

namespace fairlead::shim {

namespace {

constexpr int DEEPEST = 64;

// Writing and copying a document recurse, so depth is bounded before it is parsed.
bool too_deep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      else if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > DEEPEST) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

std::unexpected<Error> bad(const std::string& what, const std::string& sentence) {
  return std::unexpected(Error{"read JSON", EINVAL, what, sentence});
}

// Length of the well-formed UTF-8 sequence at the start of text (RFC 3629), 0 when there is none.
size_t utf8_length(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto follows = [&](size_t i) { return i < text.size() && (byte(i) & 0xc0) == 0x80; };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    if (!follows(1) || !follows(2)) return 0;
    if (first == 0xe0 && byte(1) < 0xa0) return 0;
    return first == 0xed && byte(1) > 0x9f ? 0 : 3;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    if (!follows(1) || !follows(2) || !follows(3)) return 0;
    if (first == 0xf0 && byte(1) < 0x90) return 0;
    return first == 0xf4 && byte(1) > 0x8f ? 0 : 4;
  }
  return 0;
}

// U+2028 and U+2029 end a line in JavaScript; Go's encoder, and so Docker, escapes them.
bool is_line_separator(std::string_view text) {
  return text.substr(0, 2) == "\xe2\x80" && (text[2] == '\xa8' || text[2] == '\xa9');
}

// How many bytes from the start on need no escape; most of a log is such.
size_t plain_length(std::string_view text) {
  size_t length = 0;
  while (length < text.size()) {
    const auto c = static_cast<unsigned char>(text[length]);
    const bool marked = c == '"' || c == '\\' || c == '<' || c == '>' || c == '&';
    if (c < 0x20 || c >= 0x80 || marked) break;
    ++length;
  }
  return length;
}

void append_ascii(std::string& out, char c) {
  switch (c) {
  case '"': out += "\\\""; return;
  case '\\': out += "\\\\"; return;
  case '\n': out += "\\n"; return;
  case '\r': out += "\\r"; return;
  case '\t': out += "\\t"; return;
  default: break;
  }
  if (c >= 0x20 && c != '<' && c != '>' && c != '&') {
    out += c;
    return;
  }
  char escaped[8];
  std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
  out += escaped;
}

} // namespace

Result<rapidjson::Document> parse_object(std::string_view text, const std::string& what) {
  if (too_deep(text)) return bad(what, "nested deeper than 64 levels");
  rapidjson::Document document;
  constexpr unsigned flags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
  document.Parse<flags>(text.data(), text.size());
  if (document.HasParseError()) {
    return bad(what, "malformed JSON at byte " + std::to_string(document.GetErrorOffset()));
  }
  if (!document.IsObject()) return bad(what, "not a JSON object");
  return document;
}

Result<std::string> read_file(const std::string& path, size_t limit) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!file) return fail("open", path);
  std::string out;
  char chunk[16384];
  for (;;) {
    const ssize_t got = ::read(file.get(), chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail("read", path);
    if (got == 0) return out;
    if (out.size() + static_cast<size_t>(got) > limit) {
      return std::unexpected(Error{"read", EFBIG, path, {}});
    }
    out.append(chunk, static_cast<size_t>(got));
  }
}

const Json* member(const Json& object, const char* key) {
  if (!object.IsObject()) return nullptr;
  const auto found = object.FindMember(key);
  return found == object.MemberEnd() || found->value.IsNull() ? nullptr : &found->value;
}

std::string dump(const Json& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

void append_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    if (const size_t plain = plain_length(text); plain > 0) {
      out += text.substr(0, plain);
      text.remove_prefix(plain);
      continue;
    }
    const size_t length = utf8_length(text);
    if (length == 0) {
      out += "\\ufffd";
      text.remove_prefix(1);
      continue;
    }
    if (length == 1) append_ascii(out, text[0]);
    else if (length == 3 && is_line_separator(text)) out += text[2] == '\xa8' ? "\\u2028" : "\\u2029";
    else out += text.substr(0, length);
    text.remove_prefix(length);
  }
  out += '"';
}

std::string quoted(std::string_view text) {
  std::string out;
  append_string(out, text);
  return out;
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
  problem(key, "must be a whole number from " + std::to_string(least) + " to " +
                   std::to_string(most));
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
