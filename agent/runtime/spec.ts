// The OCI runtime configuration (config.json) of a container from Docker's HostConfig and what was
// prepared for it. A value: nothing is written or mounted here.
import type { HostConfig } from "@docker/node-sdk";
import { FairleadError } from "../../resources/model/errors.ts";
import { chooseCapabilities } from "./spec-capabilities.ts";
import { planDevices } from "./spec-devices.ts";
import { type ContainerMount, planMounts } from "./spec-mounts.ts";
import { resourcesOf } from "./spec-resources.ts";
import { securityOf } from "./spec-security.ts";

export interface SpecProcess {
  args: string[];
  env: string[];
  cwd: string;
  uid: number;
  gid: number;
  additionalGids: number[];
  tty: boolean;
  /** Path of fairlead-runtime when it is to be the first process and reap orphans. */
  init: string | undefined;
  /** [rows, columns] of the first terminal size. */
  consoleSize: readonly number[] | undefined;
}

export interface SpecMachine {
  cgroupVersion: 1 | 2;
  /** As images say. */
  architecture: string;
  kernel: string;
  /** CapBnd of the agent. */
  bounding: bigint;
  /** How many ids there are where the agent is root of a user namespace only. */
  ids?: number | undefined;
}

/** A namespace of its own, one that exists (a path), or the host's. */
export type NamespaceChoice = "own" | "host" | { path: string };

export interface SpecRequest {
  host: HostConfig;
  rootfs: string;
  process: SpecProcess;
  hostname: string;
  domainname: string;
  mounts: readonly ContainerMount[];
  shmSource: string | undefined;
  namespaces: { network: NamespaceChoice; ipc: NamespaceChoice; pid: NamespaceChoice };
  /** Kernel settings other than those of the network, which its driver writes. */
  sysctls: Record<string, string>;
  cgroupsPath: string;
  machine: SpecMachine;
}

const MASKED = [
  "/proc/asound",
  "/proc/acpi",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/sys/firmware",
  "/sys/devices/virtual/powercap",
];
const READ_ONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

/** Docker's masked and read-only paths, for what inspect tells. */
export function defaultPaths(privileged: boolean): { masked: string[]; readOnly: string[] } {
  return privileged ? { masked: [], readOnly: [] } : { masked: MASKED, readOnly: READ_ONLY };
}

/** The content of config.json; `invalid` for options that contradict each other. */
export function buildSpec(request: SpecRequest): object {
  const { host, machine } = request;
  const privileged = host.Privileged === true;
  const capabilities = chooseCapabilities({
    add: host.CapAdd ?? [],
    drop: host.CapDrop ?? [],
    privileged,
    bounding: machine.bounding,
  });
  const security = securityOf(host, { capabilities, ...machine });
  const rootless = machine.ids !== undefined;
  const { devices, rules, binds } = planDevices(host, rootless);
  const paths = defaultPaths(privileged);
  return {
    // Nothing newer is used, and older runtimes refuse what they do not know.
    ociVersion: "1.1.0",
    root: { path: request.rootfs, readonly: host.ReadonlyRootfs === true },
    ...(host.UTSMode === "host" ? {} : hostnames(request)),
    ...(host.Annotations ? { annotations: host.Annotations } : {}),
    process: { ...processOf(request, capabilities), ...security.process },
    mounts: planMounts({
      mounts: [...binds, ...initMounts(request.process), ...request.mounts],
      privileged,
      shmBytes: host.IpcMode === "none" ? 0 : host.ShmSize || 64 * 1024 * 1024,
      shmSource: request.shmSource,
      ownCgroupNamespace: cgroupNamespace(request) === "own",
      writableCgroups: security.writableCgroups,
      hostSysfs: rootless && request.namespaces.network === "host",
      hostMqueue: rootless && request.namespaces.ipc === "host",
      terminalGroup: machine.ids !== 1,
    }),
    linux: {
      resources: { ...resourcesOf(host), devices: rules },
      cgroupsPath: request.cgroupsPath,
      namespaces: namespacesOf(request),
      devices,
      sysctl: request.sysctls,
      maskedPaths: host.MaskedPaths ?? paths.masked,
      readonlyPaths: host.ReadonlyPaths ?? paths.readOnly,
      rootfsPropagation: rootPropagation(request.mounts),
      ...(security.seccomp ? { seccomp: security.seccomp } : {}),
    },
  };
}

/** Where the init of a container is, which reaps orphans and passes signals on. */
const INIT = "/dev/init";

function initMounts({ init }: SpecProcess): ContainerMount[] {
  if (init === undefined) return [];
  const place = { source: init, target: INIT, propagation: "rprivate" };
  return [
    { type: "bind", ...place, readOnly: true, recursive: false, readOnlyBelow: false, options: [] },
  ];
}

/**
 * The text of config.json. `exact` writes endless limits as the OCI specification does, which
 * JavaScript's numbers cannot hold; the native runtime reads -1 as well.
 */
export function specText(spec: object, exact: boolean): string {
  const text = JSON.stringify(spec);
  // A quote inside a string is escaped, so this can only be a key.
  return exact ? text.replace(/"(soft|hard)":-1\b/g, '"$1":18446744073709551615') : text;
}

function hostnames(request: SpecRequest): object {
  const { hostname, domainname } = request;
  return { hostname, ...(domainname ? { domainname } : {}) };
}

function processOf(request: SpecRequest, capabilities: string[]): object {
  const { process, host } = request;
  const [height, width] = process.consoleSize ?? [];
  // A process that is not root gains nothing at exec, so Docker gives it a bounding set only.
  const usable = process.uid === 0 ? capabilities : [];
  return {
    terminal: process.tty,
    ...(process.tty && height && width ? { consoleSize: { height, width } } : {}),
    user: { uid: process.uid, gid: process.gid, additionalGids: process.additionalGids },
    args: process.init === undefined ? process.args : [INIT, "init", "--", ...process.args],
    env: process.env,
    cwd: process.cwd,
    capabilities: { bounding: capabilities, effective: usable, permitted: usable },
    rlimits: (host.Ulimits ?? []).map(({ Name = "", Soft = 0, Hard = 0 }) => ({
      type: `RLIMIT_${Name.toUpperCase()}`,
      soft: rlimit(Soft),
      hard: rlimit(Hard),
    })),
    ...oomScore(request),
  };
}

// The agent's own score is low, and would be the container's if it were not set. Who is not root
// may not set a lower one than their own.
function oomScore({ host, machine }: SpecRequest): object {
  const score = host.OomScoreAdj ?? 0;
  return score === 0 && machine.ids !== undefined ? {} : { oomScoreAdj: score };
}

/** -1 is no limit: a number of JavaScript cannot hold RLIM_INFINITY, and the runtime knows -1. */
function rlimit(value: number): number {
  return value < 0 ? -1 : value;
}

function cgroupNamespace(request: SpecRequest): NamespaceChoice {
  const { host, machine } = request;
  if (host.CgroupnsMode) return host.CgroupnsMode === "private" ? "own" : "host";
  // Docker's default: private where the hierarchy is unified, unless privileged.
  return machine.cgroupVersion === 2 && !host.Privileged ? "own" : "host";
}

function namespacesOf(request: SpecRequest): { type: string; path?: string }[] {
  const { network, ipc, pid } = request.namespaces;
  const choices: [string, NamespaceChoice][] = [
    ["mount", "own"],
    ["network", network],
    ["uts", request.host.UTSMode === "host" ? "host" : "own"],
    ["pid", pid],
    ["ipc", ipc],
    ["cgroup", cgroupNamespace(request)],
  ];
  return choices
    .filter(([, choice]) => choice !== "host")
    .map(([type, choice]) => (typeof choice === "object" ? { type, path: choice.path } : { type }));
}

/** A mount that shares or receives needs the root to do the same; the strongest wins. */
function rootPropagation(mounts: readonly ContainerMount[]): string {
  const asked = mounts.map(({ propagation }) => propagation.replace(/^r/, ""));
  if (asked.includes("shared")) return "rshared";
  return asked.includes("slave") ? "rslave" : "rprivate";
}

const NAMESPACED = new Set(
  "msgmax msgmnb msgmni sem shmall shmmax shmmni shm_rmid_forced"
    .split(" ")
    .map((name) => `kernel.${name}`),
);

/** Splits sysctls into the network's and the rest; refuses what would change the host. */
export function splitSysctls(
  host: HostConfig,
  namespaces: { network: boolean; ipc: boolean },
): { network: Record<string, string>; other: Record<string, string> } {
  const network: Record<string, string> = {};
  const other: Record<string, string> = {};
  for (const [key, value] of Object.entries(host.Sysctls ?? {})) {
    const ofIpc = NAMESPACED.has(key) || key.startsWith("fs.mqueue.");
    const ofNetwork = key.startsWith("net.") && !/[\s/]|\.\./.test(key);
    if (!ofIpc && !ofNetwork) {
      throw new FairleadError("invalid", `sysctl "${key}" is not in a separate kernel namespace`);
    }
    if ((ofIpc && !namespaces.ipc) || (ofNetwork && !namespaces.network)) {
      const which = ofIpc ? "ipc" : "network";
      throw new FairleadError(
        "invalid",
        `sysctl "${key}" is not allowed with the host's ${which} namespace`,
      );
    }
    (ofNetwork ? network : other)[key] = value;
  }
  return { network, other };
}

/** Refuses at creation what `buildSpec` would refuse at every start. */
export function checkSpecOptions(
  host: HostConfig,
  machine: SpecMachine,
  ownNetwork: boolean,
): void {
  chooseCapabilities({
    add: host.CapAdd ?? [],
    drop: host.CapDrop ?? [],
    privileged: false,
    bounding: 0n,
  });
  securityOf(host, { capabilities: [], ...machine });
  splitSysctls(host, {
    network: ownNetwork,
    ipc: host.IpcMode !== "host",
  });
}
