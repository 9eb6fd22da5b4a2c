// What Docker's default profile keeps from a plain container, call by call: what is refused to all,
// and what a capability opens. Every other system call of Linux is allowed. This list is kept apart
// from the agent's own table, which has it the other way round.

/** Refused whatever the capabilities; many are of 1990s kernels and 32-bit machines. */
export const REFUSED = `
  _sysctl add_key afs_syscall bdflush break create_module ftime get_kernel_syms getpmsg gtty idle
  io_uring_enter io_uring_register io_uring_setup kexec_file_load kexec_load keyctl lock
  migrate_pages move_pages mpx nfsservctl nice oldfstat oldlstat oldolduname oldstat olduname
  pivot_root prof profil putpmsg query_module readdir request_key security sgetmask sigaction
  signal sigpending sigsuspend ssetmask stty swapoff swapon sysfs tuxcall ulimit uselib
  userfaultfd ustat vm86 vm86old vserver
`
  .trim()
  .split(/\s+/);

/** Refused unless the container has the capability. */
export const BY_CAPABILITY: Record<string, string> = {
  CAP_BPF: "bpf",
  CAP_DAC_READ_SEARCH: "open_by_handle_at",
  CAP_PERFMON: "perf_event_open",
  CAP_SYSLOG: "syslog",
  CAP_SYS_ADMIN:
    "bpf fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie lsm_get_self_attr " +
    "lsm_list_modules lsm_set_self_attr mount mount_setattr move_mount open_tree " +
    "perf_event_open quotactl quotactl_fd setdomainname sethostname setns syslog umount " +
    "umount2 unshare",
  CAP_SYS_BOOT: "reboot",
  CAP_SYS_CHROOT: "chroot",
  CAP_SYS_MODULE: "delete_module finit_module init_module",
  CAP_SYS_NICE: "get_mempolicy mbind set_mempolicy set_mempolicy_home_node",
  CAP_SYS_PACCT: "acct",
  CAP_SYS_PTRACE: "kcmp pidfd_getfd process_madvise",
  CAP_SYS_RAWIO: "ioperm iopl",
  CAP_SYS_TIME: "clock_settime clock_settime64 settimeofday stime",
  CAP_SYS_TTY_CONFIG: "vhangup",
};

/** Whose answer depends on the arguments, or that have an answer of their own. */
export const CONDITIONAL = ["clone", "clone3", "personality", "socket"];

/** Of one family of processors only, and allowed there. */
export const OF_X86 = ["arch_prctl", "modify_ldt"];
