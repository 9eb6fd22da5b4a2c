// Argument checks and the shape of a failure, shared by every call of the addon.
#include "addon/job.hh"

namespace fairlead::addon {

Napi::Object to_js(Napi::Env env, const Error& error) {
  Napi::Object out = Napi::Object::New(env);
  out.Set("step", error.step);
  out.Set("errno", Napi::Number::New(env, error.code));
  out.Set("path", error.path);
  out.Set("message", describe(error));
  return out;
}

void Arguments::complain(const char* what, const char* wanted) {
  if (!problem_) problem_ = Error{"read argument", EINVAL, what, wanted};
}

std::string Arguments::text(Napi::Value value, const char* what) {
  if (!value.IsString()) {
    complain(what, "must be a string");
    return {};
  }
  std::string out = value.As<Napi::String>().Utf8Value();
  // The kernel would silently stop reading at the first zero byte.
  if (out.find('\0') != std::string::npos) complain(what, "must not contain a zero byte");
  return out;
}

std::optional<std::string> Arguments::optional_text(Napi::Value value, const char* what) {
  if (value.IsUndefined() || value.IsNull()) return std::nullopt;
  return text(value, what);
}

std::vector<std::string> Arguments::texts(Napi::Value value, const char* what) {
  std::vector<std::string> out;
  if (value.IsUndefined()) return out;
  if (!value.IsArray()) {
    complain(what, "must be a list of strings");
    return out;
  }
  const auto list = value.As<Napi::Array>();
  for (uint32_t i = 0; i < list.Length(); i++) out.push_back(text(list.Get(i), what));
  return out;
}

std::string Arguments::bytes(Napi::Value value, const char* what) {
  if (!value.IsBuffer()) {
    complain(what, "must be a Buffer");
    return {};
  }
  const auto buffer = value.As<Napi::Buffer<char>>();
  return {buffer.Data(), buffer.Length()};
}

uint32_t Arguments::number(Napi::Value value, const char* what) {
  if (!value.IsNumber()) {
    complain(what, "must be a number");
    return 0;
  }
  return value.As<Napi::Number>().Uint32Value();
}

Napi::Object Arguments::object(size_t index, const char* what) {
  if (info_[index].IsObject()) return info_[index].As<Napi::Object>();
  complain(what, "must be an object");
  return Napi::Object::New(info_.Env());
}

} // namespace fairlead::addon
