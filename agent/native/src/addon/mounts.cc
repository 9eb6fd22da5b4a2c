// mount, mountOverlay and umount for JavaScript.
#include <sys/mount.h>

#include <utility>

#include "addon/job.hh"
#include "addon/overlay.hh"
#include "addon/topics.hh"

namespace fairlead::addon {

namespace {

constexpr std::pair<const char*, unsigned long> KNOWN_FLAGS[] = {
    {"bind", MS_BIND},
    {"rec", MS_REC},
    {"ro", MS_RDONLY},
    {"remount", MS_REMOUNT},
    {"nosuid", MS_NOSUID},
    {"nodev", MS_NODEV},
    {"noexec", MS_NOEXEC},
    {"noatime", MS_NOATIME},
    {"relatime", MS_RELATIME},
    {"private", MS_PRIVATE},
    {"slave", MS_SLAVE},
    {"shared", MS_SHARED},
    {"unbindable", MS_UNBINDABLE},
    {"move", MS_MOVE},
};

Result<unsigned long> read_flags(const std::vector<std::string>& names) {
  unsigned long flags = 0;
  for (const auto& name : names) {
    unsigned long bit = 0;
    for (const auto& [known, value] : KNOWN_FLAGS)
      if (name == known) bit = value;
    if (bit == 0) return refuse("mount", "unknown mount flag " + name);
    flags |= bit;
  }
  return flags;
}

Napi::Value js_mount(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const Napi::Object request = arguments.object(0, "request");
  const auto source = arguments.optional_text(request.Get("source"), "source");
  const auto target = arguments.text(request.Get("target"), "target");
  const auto type = arguments.optional_text(request.Get("type"), "type");
  const auto options = arguments.optional_text(request.Get("options"), "options");
  const auto names = arguments.texts(request.Get("flags"), "flags");
  return run<void>(info.Env(), arguments, [=]() -> Status {
    const auto flags = read_flags(names);
    if (!flags) return std::unexpected(flags.error());
    const auto pointer = [](const auto& text) { return text ? text->c_str() : nullptr; };
    if (::mount(pointer(source), target.c_str(), pointer(type), *flags, pointer(options)) != 0)
      return fail("mount " + type.value_or("bind"), target);
    return {};
  });
}

Napi::Value js_mount_overlay(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const Napi::Object request = arguments.object(0, "request");
  Overlay overlay;
  overlay.lowers = arguments.texts(request.Get("lowers"), "lowers");
  overlay.upper = arguments.optional_text(request.Get("upper"), "upper");
  overlay.work = arguments.optional_text(request.Get("work"), "work");
  overlay.options = arguments.texts(request.Get("options"), "options");
  overlay.target = arguments.text(request.Get("target"), "target");
  return run<void>(info.Env(), arguments, [overlay] { return mount_overlay(overlay); });
}

Napi::Value js_umount(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const auto path = arguments.text(0, "path");
  int flags = UMOUNT_NOFOLLOW;
  if (info[1].IsObject() && arguments.flag(info[1].As<Napi::Object>().Get("detach")))
    flags |= MNT_DETACH;
  return run<void>(info.Env(), arguments, [=]() -> Status {
    if (::umount2(path.c_str(), flags) != 0) return fail("unmount", path);
    return {};
  });
}

} // namespace

void register_mounts(Napi::Env env, Napi::Object exports) {
  exports.Set("mount", Napi::Function::New(env, js_mount, "mount"));
  exports.Set("mountOverlay", Napi::Function::New(env, js_mount_overlay, "mountOverlay"));
  exports.Set("umount", Napi::Function::New(env, js_umount, "umount"));
}

} // namespace fairlead::addon
