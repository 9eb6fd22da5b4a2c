// What the process between clone and exec has to do, as plain data made beforehand by its parent:
// pointers into the parent's memory (copied by clone) and open descriptors. Nothing here owns
// anything. Paths inside the root have no leading slash.
#pragma once
#include <linux/filter.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace fairlead::inside {

template <typename T> struct List {
  const T* items = nullptr;
  size_t count = 0;
  const T* begin() const { return items; }
  const T* end() const { return items + count; }
};

struct Join {
  int type, fd; // CLONE_NEW* and a descriptor of the namespace
};

enum class Act : uint8_t {
  mount,   // mount(2) of a file system
  tree,    // move a detached tree here, which the parent opens when its turn has come
  inner,   // clone a tree from inside the root, where an earlier mount provides it, and move it
  remount, // change the flags of what is mounted here
  symlink, // make a symbolic link to `source`
};

struct MountStep {
  Act act = Act::mount;
  const char* target = "";
  const char* source = nullptr;
  const char* type = nullptr;
  const char* data = nullptr;
  unsigned long flags = 0; // mount, remount
  uint64_t late_set = 0;   // to be set and cleared once it is in place: inner, and tree
  uint64_t late_clear = 0; // where mount_setattr is missing
  unsigned long propagation = 0;
  uint64_t recursive_set = 0, recursive_clear = 0;
  int tree = -1;
  bool directory = true;      // what to make when the target is missing
  bool ordinary = false;      // no symbolic link on the way (proc, sysfs; CVE-2019-16884)
  bool proc_source = false;   // the source lies in procfs, so it may cover a file of procfs
  bool copy_up = false;       // fill the new tmpfs with what it covers
  bool keep_mode = false;     // give the new tmpfs the mode of the folder that it covers
  bool recursive = false;     // inner: with the mounts below it
  int number = 0, wanted = 0; // tree: its number, and how many to ask for first
  int remount = -1;           // mount: the number of the remount that comes later
};

// A change of flags that must wait until what is mounted or made inside is there.
struct RemountStep {
  const char* target = "";
  unsigned long flags = 0;
  int mounted = -1; // set when it is; a later mount may cover it
};

struct DeviceStep {
  const char* path;
  mode_t mode; // type and permissions
  dev_t number;
  uid_t uid;
  gid_t gid;
  int tree; // the host's node where mknod is not allowed (user namespaces), else -1
};

struct SysctlStep {
  const char* file; // below /proc/sys
  const char* value;
};

struct HookStep {
  const char* path;
  char* const* argv;
  char* const* envp;
  int timeout_s;
  int directory; // where it runs, or -1: where this process is
};

struct LimitStep {
  const char* name;
  int type;
  uint64_t soft, hard;
};

// Who the process is once it runs its program, and the program.
struct Identity {
  uid_t uid = 0;
  gid_t gid = 0;
  const gid_t* groups = nullptr;
  size_t group_count = 0;
  bool set_groups = true; // false where the user namespace forbids setgroups(2)
  int umask = -1;
  uint64_t bounding = 0, effective = 0, inheritable = 0, permitted = 0, ambient = 0;
  List<LimitStep> limits;
  bool no_new_privileges = false;
  sock_fprog filter{}; // len 0: none
  unsigned filter_flags = 0;
  int gate = -1; // shared memory, for a filter with a listener
  const char* cwd = "/";
  char* const* argv = nullptr;
  char* const* envp = nullptr;
  char** home = nullptr;        // the place for HOME in envp, where it has none
  const char* search = nullptr; // PATH
  long personality = -1;
  const char* label = nullptr;      // what to write to label_file before exec
  const char* label_file = nullptr; // below /proc
  bool new_keyring = true;
  const char* keyring = nullptr;
  const void* scheduler = nullptr; // struct sched_attr
  int io_priority = -1;
  const void* processors = nullptr; // cpu_set_t at the end, or nullptr
  bool any_processor = false;       // not those of the caller, but all of the cpuset
  int memory_mode = -1;             // MPOL_* of set_mempolicy(2)
  const unsigned long* memory_nodes = nullptr;
  unsigned long memory_node_count = 0;
  int kept_fds = 0; // descriptors 3… that survive exec
};

struct Plan {
  // Before anything else.
  List<int> keep;                  // descriptors to keep open, ascending
  int channel = -1;                // to the parent
  int listener = -1;               // where start comes from, or -1: the channel
  int in = -1, out = -1, err = -1; // always open
  bool terminal = false, plain_newlines = false;
  uint16_t rows = 0, cols = 0;
  bool wait_for_maps = false;   // a new user namespace: the parent writes the id maps
  bool user_namespace = false;  // in one, new or joined: become its root first
  bool wait_for_parent = false; // the parent has work before the namespaces are entered
  bool enter_groups = false;    // of version 1, which the parent makes meanwhile and sends
  List<Join> joins;
  int unshare = 0;       // CLONE_NEWCGROUP
  bool loopback = false; // a new network namespace, whose lo is down
  const char* hostname = nullptr;
  const char* domainname = nullptr;
  List<SysctlStep> sysctls;
  // The root; absent (-1) for a process that joins a container.
  int root = -1;
  bool root_is_tree = false; // a detached tree, to be attached in the new mount namespace
  unsigned long initial_propagation = 0;   // of the whole copied mount tree
  unsigned long root_tree_propagation = 0; // of the root while it is furnished
  unsigned long root_propagation = 0;      // of the root at the end
  bool root_readonly = false, no_pivot = false;
  List<MountStep> mounts;
  std::span<RemountStep> remounts; // after the devices and the terminal
  List<DeviceStep> devices;
  bool dev_links = false;
  List<const char*> masked, readonly;
  // Hooks: the parent's are announced on the channel, the others run here.
  bool runtime_hooks = false;
  List<HookStep> create_container, start_container;
  int hook_state = -1; // a file with the state for their stdin
  bool wait_for_start = false;
  Identity identity;
};

} // namespace fairlead::inside
