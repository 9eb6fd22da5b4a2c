// Mounting an overlay of any number of layers.
#include "addon/overlay.hh"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#include "base/fd.hh"

namespace fairlead::addon {

namespace {

// strndup_user(…, 256) in fs/fsopen.c: longer strings are refused, so they go by descriptor.
constexpr size_t LONGEST_OPTION = 255;

// Directories that stay open until the mount is made, so that /proc/self/fd names them.
class Opened {
public:
  Result<std::string> name(const std::string& path) {
    Fd fd(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!fd) return fail("open layer", path);
    fds_.push_back(std::move(fd));
    return "/proc/self/fd/" + std::to_string(fds_.back().get());
  }

private:
  std::vector<Fd> fds_;
};

Status set(int context, const char* key, const std::string& value, Opened& opened) {
  std::string shown = value;
  if (value.size() > LONGEST_OPTION) {
    auto named = opened.name(value);
    if (!named) return std::unexpected(named.error());
    shown = *named;
  }
  if (::syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, key, shown.c_str(), 0) != 0)
    return fail(std::string("set overlay ") + key, value);
  return {};
}

Status set_option(int context, const std::string& option) {
  const size_t equals = option.find('=');
  const std::string key = option.substr(0, equals);
  const bool flag = equals == std::string::npos;
  const long done = flag ? ::syscall(SYS_fsconfig, context, FSCONFIG_SET_FLAG, key.c_str(), 0, 0)
                         : ::syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, key.c_str(),
                                     option.c_str() + equals + 1, 0);
  return done == 0 ? Status{} : fail("set overlay option", option);
}

Status attach(int context, const std::string& target) {
  if (::syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0)
    return fail("create overlay", target);
  const Fd mounted(static_cast<int>(::syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0)));
  if (!mounted) return fail("mount overlay", target);
  if (::syscall(SYS_move_mount, mounted.get(), "", AT_FDCWD, target.c_str(),
                MOVE_MOUNT_F_EMPTY_PATH) != 0) {
    return fail("attach overlay", target);
  }
  return {};
}

Status mount_by_page(const Overlay& overlay) {
  Opened opened;
  std::string data = "lowerdir=";
  for (size_t i = 0; i < overlay.lowers.size(); i++) {
    auto named = opened.name(overlay.lowers[i]);
    if (!named) return std::unexpected(named.error());
    data += (i == 0 ? "" : ":") + *named;
  }
  if (overlay.upper && overlay.work) {
    auto upper = opened.name(*overlay.upper);
    auto work = opened.name(*overlay.work);
    if (!upper) return std::unexpected(upper.error());
    if (!work) return std::unexpected(work.error());
    data += ",upperdir=" + *upper + ",workdir=" + *work;
  }
  for (const auto& option : overlay.options) data += "," + option;
  if (data.size() >= 4095) {
    return refuse("mount overlay", "too many layers for this kernel; Linux 6.7 has no such limit",
                  overlay.target);
  }
  if (::mount("overlay", overlay.target.c_str(), "overlay", 0, data.c_str()) != 0)
    return fail("mount overlay", overlay.target);
  return {};
}

Fd open_overlay() { return Fd(static_cast<int>(::syscall(SYS_fsopen, "overlay", FSOPEN_CLOEXEC))); }

// Before Linux 6.5 overlay collects options as text, whatever they are, and refuses the unknown
// ones when the mount is created (fs/fs_context.c, legacy_parse_param).
bool collects_text() {
  const Fd context = open_overlay();
  return ::syscall(SYS_fsconfig, context.get(), FSCONFIG_SET_FLAG, "none-of-its-options", 0, 0) ==
         0;
}

} // namespace

Status mount_overlay(const Overlay& overlay) {
  static const bool only_by_page = collects_text();
  if (only_by_page) return mount_by_page(overlay);
  const Fd context = open_overlay();
  if (!context) return errno == ENOSYS ? mount_by_page(overlay) : fail("open overlay");
  Opened opened;
  const auto given = [&](const char* key, const std::string& value) {
    return set(context.get(), key, value, opened);
  };
  for (size_t i = 0; i < overlay.lowers.size(); i++) {
    const Status done = given("lowerdir+", overlay.lowers[i]);
    // Linux 6.5 and 6.6 do not know the option.
    if (!done && i == 0 && done.error().code == EINVAL) return mount_by_page(overlay);
    if (!done) return done;
  }
  if (overlay.upper && overlay.work) {
    if (Status done = given("upperdir", *overlay.upper); !done) return done;
    if (Status done = given("workdir", *overlay.work); !done) return done;
  }
  for (const auto& option : overlay.options)
    if (Status done = set_option(context.get(), option); !done) return done;
  return attach(context.get(), overlay.target);
}

} // namespace fairlead::addon
