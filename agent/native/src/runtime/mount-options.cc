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

enum class Kind { set, clear, bind, recursive, propagation, idmap, copy_up, nothing };

struct Option {
  const char* name;
  Kind kind;
  unsigned long flag;  // MS_*, for recursive the MOUNT_ATTR_* to set
  unsigned long unset; // for recursive the MOUNT_ATTR_* to clear
};

constexpr unsigned long ATIME = MOUNT_ATTR__ATIME;

constexpr std::array OPTIONS = std::to_array<Option>({
    {"async", Kind::clear, MS_SYNCHRONOUS, 0},
    {"atime", Kind::clear, MS_NOATIME, 0},
    {"bind", Kind::bind, MS_BIND, 0},
    {"defaults", Kind::nothing, 0, 0},
    {"dev", Kind::clear, MS_NODEV, 0},
    {"diratime", Kind::clear, MS_NODIRATIME, 0},
    {"dirsync", Kind::set, MS_DIRSYNC, 0},
    {"exec", Kind::clear, MS_NOEXEC, 0},
    {"idmap", Kind::idmap, 0, 0},
    {"iversion", Kind::set, MS_I_VERSION, 0},
    {"lazytime", Kind::set, MS_LAZYTIME, 0},
    {"loud", Kind::clear, MS_SILENT, 0},
    {"mand", Kind::set, MS_MANDLOCK, 0},
    {"noatime", Kind::set, MS_NOATIME, 0},
    {"nodev", Kind::set, MS_NODEV, 0},
    {"nodiratime", Kind::set, MS_NODIRATIME, 0},
    {"noexec", Kind::set, MS_NOEXEC, 0},
    {"noiversion", Kind::clear, MS_I_VERSION, 0},
    {"nolazytime", Kind::clear, MS_LAZYTIME, 0},
    {"nomand", Kind::clear, MS_MANDLOCK, 0},
    {"norelatime", Kind::clear, MS_RELATIME, 0},
    {"nostrictatime", Kind::clear, MS_STRICTATIME, 0},
    {"nosuid", Kind::set, MS_NOSUID, 0},
    {"nosymfollow", Kind::set, MS_NOSYMFOLLOW, 0},
    {"private", Kind::propagation, MS_PRIVATE, 0},
    {"ratime", Kind::recursive, MOUNT_ATTR_RELATIME, ATIME},
    {"rbind", Kind::bind, MS_BIND | MS_REC, 0},
    {"rdev", Kind::recursive, 0, MOUNT_ATTR_NODEV},
    {"rdiratime", Kind::recursive, 0, MOUNT_ATTR_NODIRATIME},
    {"relatime", Kind::set, MS_RELATIME, 0},
    {"remount", Kind::set, MS_REMOUNT, 0},
    {"rexec", Kind::recursive, 0, MOUNT_ATTR_NOEXEC},
    {"ridmap", Kind::idmap, MS_REC, 0},
    {"rnoatime", Kind::recursive, MOUNT_ATTR_NOATIME, ATIME},
    {"rnodev", Kind::recursive, MOUNT_ATTR_NODEV, 0},
    {"rnodiratime", Kind::recursive, MOUNT_ATTR_NODIRATIME, 0},
    {"rnoexec", Kind::recursive, MOUNT_ATTR_NOEXEC, 0},
    {"rnorelatime", Kind::recursive, MOUNT_ATTR_STRICTATIME, ATIME},
    {"rnostrictatime", Kind::recursive, MOUNT_ATTR_RELATIME, ATIME},
    {"rnosuid", Kind::recursive, MOUNT_ATTR_NOSUID, 0},
    {"rnosymfollow", Kind::recursive, MOUNT_ATTR_NOSYMFOLLOW, 0},
    {"ro", Kind::set, MS_RDONLY, 0},
    {"rprivate", Kind::propagation, MS_PRIVATE | MS_REC, 0},
    {"rrelatime", Kind::recursive, MOUNT_ATTR_RELATIME, ATIME},
    {"rro", Kind::recursive, MOUNT_ATTR_RDONLY, 0},
    {"rrw", Kind::recursive, 0, MOUNT_ATTR_RDONLY},
    {"rshared", Kind::propagation, MS_SHARED | MS_REC, 0},
    {"rslave", Kind::propagation, MS_SLAVE | MS_REC, 0},
    {"rstrictatime", Kind::recursive, MOUNT_ATTR_STRICTATIME, ATIME},
    {"rsuid", Kind::recursive, 0, MOUNT_ATTR_NOSUID},
    {"rsymfollow", Kind::recursive, 0, MOUNT_ATTR_NOSYMFOLLOW},
    {"runbindable", Kind::propagation, MS_UNBINDABLE | MS_REC, 0},
    {"rw", Kind::clear, MS_RDONLY, 0},
    {"shared", Kind::propagation, MS_SHARED, 0},
    {"silent", Kind::set, MS_SILENT, 0},
    {"slave", Kind::propagation, MS_SLAVE, 0},
    {"strictatime", Kind::set, MS_STRICTATIME, 0},
    {"suid", Kind::clear, MS_NOSUID, 0},
    {"symfollow", Kind::clear, MS_NOSYMFOLLOW, 0},
    {"sync", Kind::set, MS_SYNCHRONOUS, 0},
    {"tmpcopyup", Kind::copy_up, 0, 0},
    {"unbindable", Kind::propagation, MS_UNBINDABLE, 0},
});

void apply(Mount& mount, const Option& option) {
  switch (option.kind) {
  case Kind::set:
    mount.flags |= option.flag;
    mount.cleared &= ~option.flag;
    break;
  case Kind::clear:
    mount.flags &= ~option.flag;
    mount.cleared |= option.flag;
    break;
  case Kind::bind:
    mount.bind = true;
    mount.recursive = mount.recursive || (option.flag & MS_REC) != 0;
    break;
  case Kind::recursive:
    mount.recursive_set = (mount.recursive_set & ~option.unset) | option.flag;
    mount.recursive_clear = (mount.recursive_clear & ~option.flag) | option.unset;
    break;
  case Kind::propagation: mount.propagation = option.flag; break;
  case Kind::idmap:
    mount.id_mapped = true;
    mount.id_map_recursive = option.flag != 0;
    break;
  case Kind::copy_up: mount.copy_up = true; break;
  case Kind::nothing: break;
  }
}

} // namespace

bool apply_mount_option(Mount& mount, const std::string& option) {
  for (const Option& known : OPTIONS) {
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
  return at < OPTIONS.size() ? OPTIONS[at].name : nullptr;
}

unsigned long propagation_flag(std::string_view name) {
  for (const Option& known : OPTIONS)
    if (known.kind == Kind::propagation && name == known.name) return known.flag;
  return 0;
}

} // namespace fairlead
