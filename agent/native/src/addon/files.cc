// Extended attributes, device nodes and ioctl for JavaScript; the last component is never followed.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "addon/job.hh"
#include "addon/topics.hh"
#include "base/fd.hh"

namespace fairlead::addon {

namespace {

constexpr size_t LARGEST_VALUE = 65536; // XATTR_SIZE_MAX and XATTR_LIST_MAX, see xattr(7)

using MaybeBytes = std::optional<std::string>;

Napi::Value bytes_to_js(Napi::Env env, const MaybeBytes& bytes) {
  if (!bytes) return env.Undefined();
  return Napi::Buffer<char>::Copy(env, bytes->data(), bytes->size());
}

Napi::Value names_to_js(Napi::Env env, const std::vector<std::string>& names) {
  Napi::Array out = Napi::Array::New(env, names.size());
  for (uint32_t i = 0; i < names.size(); i++) out.Set(i, names[i]);
  return out;
}

Napi::Value js_getxattr(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const auto path = arguments.text(0, "path");
  const auto name = arguments.text(1, "name");
  const auto work = [=]() -> Result<MaybeBytes> {
    std::string value(LARGEST_VALUE, '\0');
    const ssize_t size = ::lgetxattr(path.c_str(), name.c_str(), value.data(), value.size());
    if (size < 0 && errno == ENODATA) return std::nullopt;
    if (size < 0) return fail("read attribute " + name, path);
    value.resize(static_cast<size_t>(size));
    return value;
  };
  return run<MaybeBytes>(info.Env(), arguments, work, bytes_to_js);
}

Napi::Value js_setxattr(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const auto path = arguments.text(0, "path");
  const auto name = arguments.text(1, "name");
  const auto value = arguments.bytes(info[2], "value");
  return run<void>(info.Env(), arguments, [=]() -> Status {
    if (::lsetxattr(path.c_str(), name.c_str(), value.data(), value.size(), 0) != 0)
      return fail("set attribute " + name, path);
    return {};
  });
}

Napi::Value js_listxattr(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const auto path = arguments.text(0, "path");
  const auto work = [=]() -> Result<std::vector<std::string>> {
    std::string list(LARGEST_VALUE, '\0');
    const ssize_t size = ::llistxattr(path.c_str(), list.data(), list.size());
    if (size < 0) return fail("list attributes", path);
    std::vector<std::string> names;
    for (size_t at = 0; at < static_cast<size_t>(size);) {
      names.emplace_back(list.c_str() + at);
      at += names.back().size() + 1;
    }
    return names;
  };
  return run<std::vector<std::string>>(info.Env(), arguments, work, names_to_js);
}

Napi::Value js_removexattr(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const auto path = arguments.text(0, "path");
  const auto name = arguments.text(1, "name");
  return run<void>(info.Env(), arguments, [=]() -> Status {
    if (::lremovexattr(path.c_str(), name.c_str()) != 0 && errno != ENODATA)
      return fail("remove attribute " + name, path);
    return {};
  });
}

Napi::Value js_mknod(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const auto path = arguments.text(0, "path");
  const auto mode = arguments.number(info[1], "mode");
  const auto device =
      ::makedev(arguments.number(info[2], "major"), arguments.number(info[3], "minor"));
  return run<void>(info.Env(), arguments, [=]() -> Status {
    if (::mknod(path.c_str(), mode, device) != 0) return fail("make node", path);
    return {};
  });
}

Napi::Value js_ioctl(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const auto path = arguments.text(0, "directory");
  const auto request = arguments.number(info[1], "request");
  const auto argument = arguments.bytes(info[2], "argument");
  return run<void>(info.Env(), arguments, [=]() -> Status {
    const Fd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!directory) return fail("open directory", path);
    std::string bytes = argument;
    if (::ioctl(directory.get(), request, bytes.data()) != 0) return fail("ioctl", path);
    return {};
  });
}

} // namespace

void register_files(Napi::Env env, Napi::Object exports) {
  exports.Set("getxattr", Napi::Function::New(env, js_getxattr, "getxattr"));
  exports.Set("setxattr", Napi::Function::New(env, js_setxattr, "setxattr"));
  exports.Set("listxattr", Napi::Function::New(env, js_listxattr, "listxattr"));
  exports.Set("removexattr", Napi::Function::New(env, js_removexattr, "removexattr"));
  exports.Set("mknod", Napi::Function::New(env, js_mknod, "mknod"));
  exports.Set("ioctl", Napi::Function::New(env, js_ioctl, "ioctl"));
}

} // namespace fairlead::addon
