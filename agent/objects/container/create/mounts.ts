// Which mounts a new container gets: Binds, Mounts, Tmpfs, VolumesFrom and the image's volumes,
// as records. Nothing is mounted or made here.

import type { ContainerConfig, HostConfig, Mount } from "@docker/node-sdk";
import { FairleadError } from "../../../../resources/model/errors.ts";
import { VOLUME_DRIVERS } from "../../../storage/volume/registry.ts";
import type { MountRecord } from "../state/record.ts";

const PROPAGATIONS = ["private", "rprivate", "shared", "rshared", "slave", "rslave"];
const MOUNTS_LIMIT = 1024;

/** A mount record before its volume or directory exists. */
export type WantedMount = MountRecord & {
  /** A bind whose missing source is made, as `-v` does. */
  createSource: boolean;
  labels: Record<string, string>;
  options: Record<string, string>;
};

/**
 * All mounts of a request, one per target. `inherited` gives the mounts of a VolumesFrom entry.
 * A duplicate target is refused, but an explicit mount wins over an inherited or the image's.
 */
export function wantedMounts(
  config: ContainerConfig,
  host: HostConfig,
  inherited: (reference: string) => readonly MountRecord[],
): WantedMount[] {
  const explicit = [
    ...(host.Binds ?? []).map((text) => parseBind(text)),
    ...(host.Mounts ?? []).map(ofMount),
    ...Object.entries(host.Tmpfs ?? {}).map(([target, options]) => tmpfs(target, options)),
  ];
  const byTarget = new Map<string, WantedMount>();
  for (const mount of explicit) {
    if (byTarget.has(mount.target)) {
      throw new FairleadError("invalid", `Duplicate mount point: ${mount.target}`);
    }
    byTarget.set(mount.target, mount);
  }
  for (const entry of host.VolumesFrom ?? []) {
    for (const mount of fromContainer(entry, inherited)) {
      if (!byTarget.has(mount.target)) byTarget.set(mount.target, mount);
    }
  }
  for (const path of Object.keys(config.Volumes ?? {})) {
    const target = cleanTarget(path);
    if (!byTarget.has(target)) byTarget.set(target, { ...volume("", target), copyUp: true });
  }
  if (byTarget.size > MOUNTS_LIMIT) {
    throw new FairleadError("invalid", `more than ${MOUNTS_LIMIT} mounts`);
  }
  return [...byTarget.values()];
}

const BASE: Omit<WantedMount, "type" | "target"> = {
  name: "",
  source: "",
  driver: "",
  mode: "",
  readOnly: false,
  propagation: "",
  recursive: true,
  readOnlyBelow: "no",
  subpath: "",
  tmpfsOptions: [],
  copyUp: false,
  anonymous: false,
  createSource: false,
  labels: {},
  options: {},
};

function volume(name: string, target: string): WantedMount {
  return {
    ...BASE,
    type: "volume",
    name,
    target,
    driver: VOLUME_DRIVERS[0].name,
    anonymous: name === "",
  };
}

/** `SOURCE:TARGET[:OPTIONS]`, or `TARGET` for an anonymous volume. */
function parseBind(text: string): WantedMount {
  const parts = text.split(":");
  const invalid = (why: string) =>
    new FairleadError("invalid", `invalid volume specification: '${text.slice(0, 300)}': ${why}`);
  if (parts.length > 3 || parts.length === 0 || parts.some((part) => part === "")) {
    throw invalid("use SOURCE:TARGET[:OPTIONS]");
  }
  const [source = "", target, mode = ""] = parts;
  if (target === undefined) return { ...volume("", cleanTarget(source)), copyUp: true };
  const base = source.startsWith("/")
    ? { ...BASE, type: "bind" as const, source: clean(source), createSource: true }
    : { ...volume(source, ""), copyUp: true };
  const mount: WantedMount = { ...base, target: cleanTarget(target), mode };
  if (mount.type === "bind") mount.propagation = "rprivate";
  else requireVolumeName(source);
  for (const option of mode.split(",").filter((word) => word !== "")) {
    if (option === "ro") {
      mount.readOnly = true;
      mount.readOnlyBelow = "try";
    } else if (option === "nocopy" && mount.type === "volume") mount.copyUp = false;
    else if (PROPAGATIONS.includes(option) && mount.type === "bind") mount.propagation = option;
    // z and Z relabel for SELinux, consistency words tune Docker Desktop: nothing to do on Linux.
    else if (!["rw", "z", "Z", "copy", "consistent", "cached", "delegated"].includes(option)) {
      throw invalid(`invalid mode: ${option}`);
    }
  }
  return mount;
}

function ofMount(mount: Mount): WantedMount {
  const target = cleanTarget(mount.Target ?? "");
  const { Type, Source = "", ReadOnly = false } = mount;
  const invalid = (why: string) =>
    new FairleadError("invalid", `invalid mount config for type "${Type}": ${why}`);
  if (Type !== "bind" && mount.BindOptions) throw invalid("BindOptions need type bind");
  if (Type !== "volume" && mount.VolumeOptions) throw invalid("VolumeOptions need type volume");
  if (Type !== "tmpfs" && mount.TmpfsOptions) throw invalid("TmpfsOptions need type tmpfs");
  switch (Type) {
    case "bind":
      if (Source === "") throw invalid("field Source must not be empty");
      if (!Source.startsWith("/")) throw invalid(`mount path must be absolute: ${Source}`);
      return { ...bindOptions(mount, invalid), target, source: clean(Source), readOnly: ReadOnly };
    case "volume":
      if (Source !== "") requireVolumeName(Source);
      return { ...volumeOptions(mount, volume(Source, target)), readOnly: ReadOnly };
    case "tmpfs":
      if (Source !== "") throw invalid("field Source must not be specified");
      return { ...tmpfsOptions(mount), target, readOnly: ReadOnly };
    default:
      throw new FairleadError("unsupported", `mount type ${JSON.stringify(Type)}`, {
        path: target,
        hint: "bind, volume and tmpfs are supported",
      });
  }
}

function bindOptions(mount: Mount, invalid: (why: string) => Error): WantedMount {
  const options = mount.BindOptions ?? {};
  const propagation = options.Propagation || "rprivate";
  if (!PROPAGATIONS.includes(propagation)) throw invalid(`invalid propagation: ${propagation}`);
  const force = options.ReadOnlyForceRecursive === true;
  if (force && (options.ReadOnlyNonRecursive || !mount.ReadOnly)) {
    throw invalid("ReadOnlyForceRecursive contradicts the other read-only options");
  }
  return {
    ...BASE,
    type: "bind",
    target: "",
    propagation,
    recursive: options.NonRecursive !== true,
    readOnlyBelow: force ? "force" : options.ReadOnlyNonRecursive ? "no" : "try",
    createSource: options.CreateMountpoint === true,
  };
}

function volumeOptions(mount: Mount, base: WantedMount): WantedMount {
  const options = mount.VolumeOptions ?? {};
  const driver = options.DriverConfig?.Name || VOLUME_DRIVERS[0].name;
  const subpath = options.Subpath ?? "";
  if (subpath.startsWith("/") || subpath.split("/").includes("..")) {
    throw new FairleadError("invalid", "VolumeOptions.Subpath: not a path inside the volume", {
      path: base.target,
    });
  }
  if (!VOLUME_DRIVERS.some(({ name }) => name === driver)) {
    const shown = driver.slice(0, 100);
    const reason = `plugin ${JSON.stringify(shown)} not found`;
    throw new FairleadError("not_found", `error looking up volume plugin ${shown}: ${reason}`);
  }
  return {
    ...base,
    driver,
    subpath,
    copyUp: options.NoCopy !== true && subpath === "",
    labels: options.Labels ?? {},
    options: options.DriverConfig?.Options ?? {},
  };
}

function tmpfsOptions(mount: Mount): WantedMount {
  const { SizeBytes, Mode, Options = [] } = mount.TmpfsOptions ?? {};
  const words = [
    ...(SizeBytes ? [`size=${SizeBytes}`] : []),
    ...(Mode ? [`mode=${Mode.toString(8)}`] : []),
    ...Options.map((pair) => pair.join("=")),
  ];
  return { ...tmpfs("/unused", words.join(",")) };
}

const TMPFS_FLAGS = `ro rw suid nosuid dev nodev exec noexec sync async dirsync remount mand nomand
  atime noatime diratime nodiratime relatime norelatime strictatime nostrictatime`.split(/\s+/);
const TMPFS_VALUES = [
  /^(size|nr_blocks|nr_inodes)=\d+[kmgKMG%]?$/,
  /^mode=[0-7]{1,4}$/,
  /^(uid|gid)=\d+$/,
  /^mpol=[a-z]+([=:][a-z0-9-]+)*$/,
];

function tmpfs(target: string, text: string): WantedMount {
  const words = text.split(",").filter((word) => word !== "");
  for (const word of words) {
    if (TMPFS_FLAGS.includes(word) || TMPFS_VALUES.some((form) => form.test(word))) continue;
    throw new FairleadError("invalid", `invalid tmpfs option ${JSON.stringify(word)}`, {
      path: target,
    });
  }
  return { ...BASE, type: "tmpfs", target: cleanTarget(target), mode: text, tmpfsOptions: words };
}

function fromContainer(
  entry: string,
  inherited: (reference: string) => readonly MountRecord[],
): WantedMount[] {
  const [reference = "", mode = "rw"] = entry.split(":");
  if (!["ro", "rw", "z", "Z"].includes(mode)) {
    throw new FairleadError("invalid", `invalid mode: ${mode} in VolumesFrom`);
  }
  return inherited(reference)
    .filter(({ type }) => type !== "tmpfs")
    .map((mount) => ({
      ...BASE,
      ...mount,
      readOnly: mount.readOnly || mode === "ro",
      copyUp: false,
      anonymous: false,
    }));
}

function requireVolumeName(name: string): void {
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name) && name.length <= 255) return;
  throw new FairleadError(
    "invalid",
    `${JSON.stringify(name)} includes invalid characters for a local volume name, only ` +
      '"[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use ' +
      "absolute path",
  );
}

/** A target without `.`, `..` and doubled slashes; `invalid` for a relative one and the root. */
export function cleanTarget(path: string): string {
  if (!path.startsWith("/") || path.includes("\0")) {
    throw new FairleadError("invalid", `invalid mount path: '${path}' mount path must be absolute`);
  }
  const target = clean(path);
  if (target === "/") {
    throw new FairleadError("invalid", "invalid specification: destination can't be '/'");
  }
  return target;
}

/** Without `.`, `..` and doubled slashes. */
function clean(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}
