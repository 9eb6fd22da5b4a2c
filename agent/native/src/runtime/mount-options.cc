// The mount options of runtime-spec 1.3 and what each means to the kernel.
#include <linux/mount.h>
#include <sys/mount.h>

#include <array>

#include "runtime/names.hh"

#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000
#endif
#ifndef MS_NOSYMFOLLOW
#define MS_NOSYMFOLLOW 256
#endif

namespace fairlead {

namespace {

enum class Kind { kSet, kClear, kBind, kRecursive, kPropagation, kIdMap, kCopyUp, kNothing };

struct Option {
  const char* name;
  Kind kind;
  unsigned long flag;  // MS_*, for kRecursive the MOUNT_ATTR_* to set
  unsigned long unset; // for kRecursive the MOUNT_ATTR_* to clear
};

constexpr unsigned long kAtime = MOUNT_ATTR__ATIME;

constexpr std::array kOptions = std::to_array<Option>({
    {"async", Kind::kClear, MS_SYNCHRONOUS, 0},
    {"atime", Kind::kClear, MS_NOATIME, 0},
    {"bind", Kind::kBind, MS_BIND, 0},
    {"defaults", Kind::kNothing, 0, 0},
    {"dev", Kind::kClear, MS_NODEV, 0},
    {"diratime", Kind::kClear, MS_NODIRATIME, 0},
    {"dirsync", Kind::kSet, MS_DIRSYNC, 0},
    {"exec", Kind::kClear, MS_NOEXEC, 0},
    {"idmap", Kind::kIdMap, 0, 0},
    {"iversion", Kind::kSet, MS_I_VERSION, 0},
    {"lazytime", Kind::kSet, MS_LAZYTIME, 0},
    {"loud", Kind::kClear, MS_SILENT, 0},
    {"mand", Kind::kSet, MS_MANDLOCK, 0},
    {"noatime", Kind::kSet, MS_NOATIME, 0},
    {"nodev", Kind::kSet, MS_NODEV, 0},
    {"nodiratime", Kind::kSet, MS_NODIRATIME, 0},
    {"noexec", Kind::kSet, MS_NOEXEC, 0},
    {"noiversion", Kind::kClear, MS_I_VERSION, 0},
    {"nolazytime", Kind::kClear, MS_LAZYTIME, 0},
    {"nomand", Kind::kClear, MS_MANDLOCK, 0},
    {"norelatime", Kind::kClear, MS_RELATIME, 0},
    {"nostrictatime", Kind::kClear, MS_STRICTATIME, 0},
    {"nosuid", Kind::kSet, MS_NOSUID, 0},
    {"nosymfollow", Kind::kSet, MS_NOSYMFOLLOW, 0},
    {"private", Kind::kPropagation, MS_PRIVATE, 0},
    {"ratime", Kind::kRecursive, MOUNT_ATTR_RELATIME, kAtime},
    {"rbind", Kind::kBind, MS_BIND | MS_REC, 0},
    {"rdev", Kind::kRecursive, 0, MOUNT_ATTR_NODEV},
    {"rdiratime", Kind::kRecursive, 0, MOUNT_ATTR_NODIRATIME},
    {"relatime", Kind::kSet, MS_RELATIME, 0},
    {"remount", Kind::kSet, MS_REMOUNT, 0},
    {"rexec", Kind::kRecursive, 0, MOUNT_ATTR_NOEXEC},
    {"ridmap", Kind::kIdMap, MS_REC, 0},
    {"rnoatime", Kind::kRecursive, MOUNT_ATTR_NOATIME, kAtime},
    {"rnodev", Kind::kRecursive, MOUNT_ATTR_NODEV, 0},
    {"rnodiratime", Kind::kRecursive, MOUNT_ATTR_NODIRATIME, 0},
    {"rnoexec", Kind::kRecursive, MOUNT_ATTR_NOEXEC, 0},
    {"rnorelatime", Kind::kRecursive, MOUNT_ATTR_STRICTATIME, kAtime},
    {"rnostrictatime", Kind::kRecursive, MOUNT_ATTR_RELATIME, kAtime},
    {"rnosuid", Kind::kRecursive, MOUNT_ATTR_NOSUID, 0},
    {"rnosymfollow", Kind::kRecursive, MOUNT_ATTR_NOSYMFOLLOW, 0},
    {"ro", Kind::kSet, MS_RDONLY, 0},
    {"rprivate", Kind::kPropagation, MS_PRIVATE | MS_REC, 0},
    {"rrelatime", Kind::kRecursive, MOUNT_ATTR_RELATIME, kAtime},
    {"rro", Kind::kRecursive, MOUNT_ATTR_RDONLY, 0},
    {"rrw", Kind::kRecursive, 0, MOUNT_ATTR_RDONLY},
    {"rshared", Kind::kPropagation, MS_SHARED | MS_REC, 0},
    {"rslave", Kind::kPropagation, MS_SLAVE | MS_REC, 0},
    {"rstrictatime", Kind::kRecursive, MOUNT_ATTR_STRICTATIME, kAtime},
    {"rsuid", Kind::kRecursive, 0, MOUNT_ATTR_NOSUID},
    {"rsymfollow", Kind::kRecursive, 0, MOUNT_ATTR_NOSYMFOLLOW},
    {"runbindable", Kind::kPropagation, MS_UNBINDABLE | MS_REC, 0},
    {"rw", Kind::kClear, MS_RDONLY, 0},
    {"shared", Kind::kPropagation, MS_SHARED, 0},
    {"silent", Kind::kSet, MS_SILENT, 0},
    {"slave", Kind::kPropagation, MS_SLAVE, 0},
    {"strictatime", Kind::kSet, MS_STRICTATIME, 0},
    {"suid", Kind::kClear, MS_NOSUID, 0},
    {"symfollow", Kind::kClear, MS_NOSYMFOLLOW, 0},
    {"sync", Kind::kSet, MS_SYNCHRONOUS, 0},
    {"tmpcopyup", Kind::kCopyUp, 0, 0},
    {"unbindable", Kind::kPropagation, MS_UNBINDABLE, 0},
});

void apply(Mount& mount, const Option& option) {
  switch (option.kind) {
  case Kind::kSet:
    mount.flags |= option.flag;
    mount.cleared &= ~option.flag;
    break;
  case Kind::kClear:
    mount.flags &= ~option.flag;
    mount.cleared |= option.flag;
    break;
  case Kind::kBind:
    mount.bind = true;
    mount.recursive = mount.recursive || (option.flag & MS_REC) != 0;
    break;
  case Kind::kRecursive:
    mount.recursive_set = (mount.recursive_set & ~option.unset) | option.flag;
    mount.recursive_clear = (mount.recursive_clear & ~option.flag) | option.unset;
    break;
  case Kind::kPropagation: mount.propagation = option.flag; break;
  case Kind::kIdMap:
    mount.id_mapped = true;
    mount.id_map_recursive = option.flag != 0;
    break;
  case Kind::kCopyUp: mount.copy_up = true; break;
  case Kind::kNothing: break;
  }
}

} // namespace

bool apply_mount_option(Mount& mount, const std::string& option) {
  for (const Option& known : kOptions) {
    if (option != known.name) continue;
    apply(mount, known);
    return true;
  }
  if (option.find_first_of(std::string(",\n", 2)) != option.npos && option.find('=') == option.npos)
    return false;
  if (!mount.data.empty()) mount.data += ',';
  mount.data += option;
  return true;
}

const char* mount_option_name(int index) {
  const auto at = static_cast<size_t>(index);
  return at < kOptions.size() ? kOptions[at].name : nullptr;
}

unsigned long propagation_flag(std::string_view name) {
  for (const Option& known : kOptions)
    if (known.kind == Kind::kPropagation && name == known.name) return known.flag;
  return 0;
}

} // namespace fairlead
