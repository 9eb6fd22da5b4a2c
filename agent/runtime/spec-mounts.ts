// The mounts of an OCI configuration: Docker's own, the container's files, then what the user asked
// for, sorted so that a parent is mounted before its child. Pure.

export interface OciMount {
  destination: string;
  type: string;
  source: string;
  options: string[];
}

/** One thing mounted into a container, with its source already found on the host. */
export interface ContainerMount {
  type: "bind" | "tmpfs";
  source: string;
  target: string;
  readOnly: boolean;
  /** For binds; "" is rprivate. */
  propagation: string;
  /** Whether mounts below the source come along. */
  recursive: boolean;
  /** Whether mounts below become read-only too: `rro` needs Linux 5.12. */
  readOnlyBelow: boolean;
  /** For tmpfs: options of tmpfs(5) and mount flags. */
  options: string[];
}

export interface MountsRequest {
  mounts: readonly ContainerMount[];
  privileged: boolean;
  /** Bytes of /dev/shm; 0 for a container that has none. */
  shmBytes: number;
  /** A directory on the host that serves as /dev/shm; undefined makes a private one. */
  shmSource: string | undefined;
  ownCgroupNamespace: boolean;
  /** Bind the host's /sys: only the owner of a network namespace may mount its sysfs. */
  hostSysfs: boolean;
  writableCgroups: boolean;
  /** Bind the host's /dev/mqueue, likewise. Others mount it: bare hosts have none to bind. */
  hostMqueue: boolean;
  /** Whether terminals belong to group 5, as everywhere; it needs an id of its own. */
  terminalGroup: boolean;
}

const SAFE = ["nosuid", "noexec", "nodev"];
const TMPFS_DEFAULTS = ["noexec", "nosuid", "nodev"];

/** In the order in which they are mounted. */
export function planMounts(request: MountsRequest): OciMount[] {
  const taken = new Set(request.mounts.map(({ target }) => target));
  const defaults = defaultMounts(request).filter(({ destination }) => !taken.has(destination));
  const wanted = [...request.mounts]
    .sort((a, b) => depth(a.target) - depth(b.target))
    .map((mount) => (mount.type === "bind" ? bindOf(mount) : tmpfsOf(mount)));
  return [...defaults, ...wanted];
}

function defaultMounts(request: MountsRequest): OciMount[] {
  const write = request.privileged ? "rw" : "ro";
  const cgroups = request.writableCgroups ? "rw" : "ro";
  const mount = (destination: string, type: string, source: string, options: string[]) => ({
    destination,
    type,
    source,
    options,
  });
  const shm = request.shmSource
    ? mount("/dev/shm", "bind", request.shmSource, ["rbind", "rprivate"])
    : mount("/dev/shm", "tmpfs", "shm", [...SAFE, "mode=1777", `size=${request.shmBytes}`]);
  const hasShm = request.shmSource !== undefined || request.shmBytes > 0;
  const mqueue = request.hostMqueue
    ? mount("/dev/mqueue", "bind", "/dev/mqueue", ["rbind", ...SAFE])
    : mount("/dev/mqueue", "mqueue", "mqueue", SAFE);
  return [
    mount("/proc", "proc", "proc", SAFE),
    mount("/dev", "tmpfs", "tmpfs", ["nosuid", "strictatime", "mode=755", "size=65536k"]),
    mount("/dev/pts", "devpts", "devpts", [
      "nosuid",
      "noexec",
      "newinstance",
      "ptmxmode=0666",
      "mode=0620",
      ...(request.terminalGroup ? ["gid=5"] : []),
    ]),
    request.hostSysfs
      ? mount("/sys", "bind", "/sys", ["rbind", "rslave", ...SAFE, write === "ro" ? "rro" : "rw"])
      : mount("/sys", "sysfs", "sysfs", [...SAFE, write]),
    mount("/sys/fs/cgroup", "cgroup", "cgroup", [...SAFE, "relatime", cgroups]),
    mqueue,
    ...(hasShm ? [shm] : []),
  ];
}

function bindOf(mount: ContainerMount): OciMount {
  const read = mount.readOnly ? [mount.readOnlyBelow ? "rro" : "ro"] : ["rw"];
  return {
    destination: mount.target,
    type: "bind",
    source: mount.source,
    options: [
      mount.recursive ? "rbind" : "bind",
      ...(mount.readOnly && mount.readOnlyBelow ? ["ro"] : []),
      ...read,
      mount.propagation || "rprivate",
    ],
  };
}

/** Docker's defaults are noexec, nosuid and nodev; an opposite that the user gives wins. */
function tmpfsOf(mount: ContainerMount): OciMount {
  const opposites = new Set(mount.options.map((option) => `no${option}`));
  const defaults = TMPFS_DEFAULTS.filter((option) => !opposites.has(option));
  const options = [...defaults, ...mount.options, ...(mount.readOnly ? ["ro"] : [])];
  return {
    destination: mount.target,
    type: "tmpfs",
    source: "tmpfs",
    options: [...new Set(options)],
  };
}

function depth(path: string): number {
  return path.split("/").filter((part) => part !== "").length;
}
