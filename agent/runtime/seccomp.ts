// The seccomp filter of a container: Docker's default profile as our own table, or a user's profile
// in Docker's format, resolved for this machine and the container's capabilities. Pure.
import { constants } from "node:os";
import * as z from "zod";
import { FairleadError } from "../../resources/model/errors.ts";
import { ALWAYS_ALLOWED } from "./seccomp-calls.ts";

export interface SeccompArgument {
  index: number;
  value: number;
  valueTwo?: number;
  op: string;
}

export interface SeccompRule {
  names: string[];
  action: string;
  errnoRet?: number;
  args?: SeccompArgument[];
}

/** Docker's format; Go writes null for what is absent. */
const texts = z.array(z.string()).nullish();
const number = z.number().int().nonnegative();
const condition = z
  .object({ caps: texts, arches: texts, minKernel: z.string().nullish() })
  .nullish();
const profileRule = z.object({
  name: z.string().nullish(),
  names: texts,
  action: z.string(),
  errnoRet: number.nullish(),
  args: z
    .array(z.object({ index: number, value: number, valueTwo: number.optional(), op: z.string() }))
    .nullish(),
  includes: condition,
  excludes: condition,
});
const seccompProfile = z.object({
  defaultAction: z.string(),
  defaultErrnoRet: number.nullish(),
  architectures: texts,
  archMap: z.array(z.object({ architecture: z.string(), subArchitectures: texts })).nullish(),
  flags: texts,
  syscalls: z.array(profileRule).nullish(),
});
type SeccompProfile = z.infer<typeof seccompProfile>;

/** linux.seccomp of an OCI configuration. */
export interface SeccompFilter {
  defaultAction: string;
  defaultErrnoRet?: number;
  architectures: string[];
  flags?: string[];
  syscalls: SeccompRule[];
}

export interface SeccompContext {
  capabilities: readonly string[];
  /** As images say: amd64 or arm64. */
  architecture: string;
  /** uname -r. */
  kernel: string;
}

const ALLOW = "SCMP_ACT_ALLOW";
const ERRNO = "SCMP_ACT_ERRNO";
const { EPERM, ENOSYS } = constants.errno;
const AF_ALG = 38;
const AF_VSOCK = 40;
/** CLONE_NEW{NS,CGROUP,UTS,IPC,USER,PID,NET}: a container makes no namespaces of its own. */
const CLONE_NAMESPACES = 0x7e020000;
/** personality(2): Linux, Linux32, each also with UNAME26, and the query. */
const PERSONALITIES = [0, 8, 0x20000, 0x20008, 0xffffffff];

/** What a capability allows on top, as Docker's profile has it. */
const BY_CAPABILITY: Record<string, string> = {
  CAP_DAC_READ_SEARCH: "open_by_handle_at",
  CAP_SYS_ADMIN:
    "bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie " +
    "lsm_get_self_attr lsm_list_modules lsm_set_self_attr mount mount_setattr move_mount " +
    "open_tree perf_event_open quotactl quotactl_fd setdomainname sethostname setns syslog " +
    "umount umount2 unshare",
  CAP_SYS_BOOT: "reboot",
  CAP_SYS_CHROOT: "chroot",
  CAP_SYS_MODULE: "delete_module init_module finit_module",
  CAP_SYS_PACCT: "acct",
  CAP_SYS_PTRACE: "kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace",
  CAP_SYS_RAWIO: "iopl ioperm",
  CAP_SYS_TIME: "settimeofday stime clock_settime clock_settime64",
  CAP_SYS_TTY_CONFIG: "vhangup",
  CAP_SYS_NICE: "get_mempolicy mbind set_mempolicy set_mempolicy_home_node",
  CAP_SYSLOG: "syslog",
  CAP_BPF: "bpf",
  CAP_PERFMON: "perf_event_open",
};

const ARCHITECTURES: Record<string, { names: string[]; calls: string }> = {
  amd64: {
    names: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
    calls: "arch_prctl modify_ldt",
  },
  arm64: {
    names: ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"],
    calls: "arm_fadvise64_64 arm_sync_file_range sync_file_range2 breakpoint cacheflush set_tls",
  },
};

/** The default filter for a container with these capabilities. */
export function defaultSeccomp(context: SeccompContext): SeccompFilter {
  const machine = ARCHITECTURES[context.architecture];
  const admin = context.capabilities.includes("CAP_SYS_ADMIN");
  const allow = (names: string): SeccompRule => ({ names: names.split(" "), action: ALLOW });
  const when = (name: string, index: number, op: string, value: number): SeccompRule => ({
    names: [name],
    action: ALLOW,
    args: [{ index, value, op: `SCMP_CMP_${op}`, ...(op === "MASKED_EQ" ? { valueTwo: 0 } : {}) }],
  });
  const syscalls: SeccompRule[] = [
    { names: [...ALWAYS_ALLOWED], action: ALLOW },
    when("socket", 0, "LT", AF_ALG),
    when("socket", 0, "EQ", AF_ALG + 1),
    when("socket", 0, "GT", AF_VSOCK),
    ...PERSONALITIES.map((value) => when("personality", 0, "EQ", value)),
  ];
  // Before 4.8 ptrace could leave seccomp by changing the call after the check, see seccomp(2).
  if (kernelAtLeast(context.kernel, "4.8")) {
    syscalls.push(allow("process_vm_readv process_vm_writev ptrace"));
  }
  if (machine) syscalls.push(allow(machine.calls));
  for (const capability of context.capabilities) {
    const names = BY_CAPABILITY[capability];
    if (names !== undefined) syscalls.push(allow(names));
  }
  if (!admin) {
    syscalls.push(when("clone", 0, "MASKED_EQ", CLONE_NAMESPACES));
    // clone3 hides its flags behind a pointer; ENOSYS makes libc fall back to clone.
    syscalls.push({ names: ["clone3"], action: ERRNO, errnoRet: ENOSYS });
  }
  return {
    defaultAction: ERRNO,
    defaultErrnoRet: EPERM,
    architectures: machine?.names ?? [],
    syscalls,
  };
}

/** A user's profile in Docker's format, resolved; `invalid` when it is not one. */
export function customSeccomp(text: string, context: SeccompContext): SeccompFilter {
  const profile = parseProfile(text);
  const names = ARCHITECTURES[context.architecture]?.names ?? [];
  const mapped = (profile.archMap ?? [])
    .filter(({ architecture }) => architecture === names[0])
    .flatMap(({ architecture, subArchitectures }) => [architecture, ...(subArchitectures ?? [])]);
  const syscalls = (profile.syscalls ?? [])
    .filter((rule) => applies(rule, context))
    .map(({ name, names: listed, action, errnoRet, args }) => ({
      names: listed ?? (typeof name === "string" ? [name] : []),
      action,
      ...(typeof errnoRet === "number" ? { errnoRet } : {}),
      ...(args && args.length > 0 ? { args: args as SeccompArgument[] } : {}),
    }));
  const { defaultAction, defaultErrnoRet, flags } = profile;
  return {
    defaultAction,
    ...(typeof defaultErrnoRet === "number" ? { defaultErrnoRet } : {}),
    architectures: profile.architectures ?? mapped,
    ...(flags ? { flags } : {}),
    syscalls,
  };
}

/** Whether `kernel` (uname -r) is `wanted` (MAJOR.MINOR) or newer. */
export function kernelAtLeast(kernel: string, wanted: string): boolean {
  const [major = 0, minor = 0] = kernel.split(/[.-]/).map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split(".").map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

function parseProfile(text: string): SeccompProfile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new FairleadError("invalid", "SecurityOpt: the seccomp profile is not JSON");
  }
  const { success, data: profile, error } = seccompProfile.safeParse(value);
  if (!success) {
    const [issue] = error.issues;
    const where = issue?.path.join(".") || "the whole";
    throw new FairleadError(
      "invalid",
      `SecurityOpt: the seccomp profile is not one: ${where}: ${issue?.message}`,
      { hint: "use the format of Docker's default profile" },
    );
  }
  if (profile.architectures && profile.archMap) {
    throw new FairleadError(
      "invalid",
      "SecurityOpt: 'architectures' and 'archMap' were specified in the seccomp profile, " +
        "use either 'architectures' or 'archMap'",
    );
  }
  return profile;
}

function applies(
  { includes, excludes }: z.infer<typeof profileRule>,
  context: SeccompContext,
): boolean {
  const has = (capability: string) => context.capabilities.includes(capability);
  const here = (arch: string) => arch === context.architecture;
  if (excludes?.caps?.some(has) || excludes?.arches?.some(here)) return false;
  if (excludes?.minKernel && kernelAtLeast(context.kernel, excludes.minKernel)) return false;
  if (includes?.arches?.length && !includes.arches.some(here)) return false;
  if (includes?.caps && !includes.caps.every(has)) return false;
  return !includes?.minKernel || kernelAtLeast(context.kernel, includes.minKernel);
}
