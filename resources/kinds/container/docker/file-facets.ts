// Facets of what a container sees of files and devices: mounts, files, devices.
import type { ContainerInspectResponse, Mount as WireMount } from "@docker/node-sdk";
import type { Normal } from "../../../model/canonical.ts";
import { hashContent, reveal, Secret } from "../../../model/secret.ts";
import { parseBytes } from "../../../model/units.ts";
import { isOneOf, listedBy } from "../../../plan/facet.ts";
import type { FileRequest } from "../../../wire.ts";
import type { ContainerSpec } from "../container.ts";
import type { File, Mount } from "../mount.ts";
import { type Facet, inHostConfig, listInHostConfig, mapInHostConfig } from "./facet.ts";

type Tmpfs = Extract<Mount, { type: "tmpfs" }>;
type Device = NonNullable<ContainerSpec["devices"]>[number];

const mounts: Facet<Mount[]> = {
  write: (value, into) => {
    const [withOptions, others] = partition(value, (mount) => hasOptions(mount));
    if (others.length > 0 || withOptions.length === 0) {
      into.HostConfig.Mounts = others.map(wireMount);
    }
    // As a mount an engine takes them only since API 1.46, here every one does.
    const tmpfs = withOptions.map((mount) => [mount.target, tmpfsText(mount)]);
    if (tmpfs.length > 0) into.HostConfig.Tmpfs = Object.fromEntries(tmpfs);
  },
  normal: (value) => Object.fromEntries(value.map((mount) => [mount.target, normalMount(mount)])),
  read: (seen) => Object.fromEntries(seenMounts(seen).map((mount) => [mount.target, mount])),
  compare: "keys",
  declared: listedBy("target"),
};

// An engine does not show the files it was given; the last applied spec has their hashes.
const files: Facet<File[]> = {
  write: (value, into) => {
    (into as { Fairlead?: { Files: FileRequest[] } }).Fairlead = { Files: value.map(wireFile) };
  },
  normal: (value) => Object.fromEntries(value.map((file) => [file.target, normalFile(file)])),
  read: () => undefined,
  compare: "keys",
  isHidden: true,
};

const devices: Facet<Device[]> = {
  write: (value, into) => {
    into.HostConfig.Devices = value.map((device) => ({
      PathOnHost: device.source,
      PathInContainer: device.target ?? device.source,
      CgroupPermissions: device.permissions ?? "rwm",
    }));
  },
  normal: (value) =>
    Object.fromEntries(
      value.map((device) => [
        device.target ?? device.source,
        { source: device.source, permissions: letters(device.permissions ?? "rwm") },
      ]),
    ),
  read: (seen) =>
    Object.fromEntries(
      (seen.HostConfig?.Devices ?? []).map((device) => [
        device.PathInContainer ?? "",
        { source: device.PathOnHost, permissions: letters(device.CgroupPermissions ?? "rwm") },
      ]),
    ),
  compare: "keys",
  declared: listedBy("target"),
};

const volumesFrom: Facet<string[]> = {
  write: (value, into) => {
    into.HostConfig.VolumesFrom = value;
  },
  normal: (value) => value.map((one) => one.replace(/:rw$/, "")),
  read: (seen) => (seen.HostConfig?.VolumesFrom ?? []).map((one) => one.replace(/:rw$/, "")),
  compare: "whole",
};

/** The bytes of a file as an engine gets them: base64, owner and mode with their defaults. */
export function wireFile(file: File): FileRequest {
  const text = reveal(file.content ?? "");
  return {
    Target: file.target,
    Uid: file.uid ?? 0,
    Gid: file.gid ?? 0,
    Mode: file.mode ?? (isSecret(file) ? 0o400 : 0o444),
    Content: file.encoding === "base64" ? text : Buffer.from(text, "utf8").toString("base64"),
    Secret: isSecret(file),
  };
}

export const fileFacets = {
  mounts,
  files,
  devices,
  deviceCgroupRules: listInHostConfig("DeviceCgroupRules", "sorted"),
  readOnly: inHostConfig<boolean>("ReadonlyRootfs", false),
  shmSize: inHostConfig<number>("ShmSize", 0, { isUnset: isOneOf(64 << 20) }),
  storageOpt: mapInHostConfig("StorageOpt"),
  volumesFrom,
};

function hasOptions(mount: Mount): mount is Tmpfs {
  return mount.type === "tmpfs" && (mount.options ?? []).length > 0;
}

function tmpfsText({ size, mode, readOnly, options = [] }: Tmpfs): string {
  return [
    ...(size === undefined ? [] : [`size=${size}`]),
    ...(mode === undefined ? [] : [`mode=${mode.toString(8)}`]),
    ...(readOnly ? ["ro"] : []),
    ...options,
  ].join(",");
}

function partition<T, U extends T>(list: T[], is: (one: T) => one is U): [U[], T[]] {
  return [list.filter(is), list.filter((one) => !is(one))];
}

function wireMount(mount: Mount): WireMount {
  const wire: WireMount = { Type: mount.type, Target: mount.target };
  if (mount.readOnly) wire.ReadOnly = true;
  if (mount.type === "tmpfs") {
    const { size: SizeBytes, mode: Mode } = mount;
    wire.TmpfsOptions = {
      ...(SizeBytes === undefined ? {} : { SizeBytes }),
      ...(Mode === undefined ? {} : { Mode }),
    };
    return wire;
  }
  if (mount.source !== undefined) wire.Source = mount.source;
  if (mount.type === "bind") {
    if (mount.propagation || mount.createHostPath) {
      wire.BindOptions = {
        ...(mount.propagation ? { Propagation: mount.propagation } : {}),
        ...(mount.createHostPath ? { CreateMountpoint: true } : {}),
      };
    }
  } else if (mount.noCopy || mount.subpath !== undefined) {
    wire.VolumeOptions = {
      ...(mount.noCopy ? { NoCopy: true } : {}),
      ...(mount.subpath === undefined ? {} : { Subpath: mount.subpath }),
    };
  }
  return wire;
}

// Whether a missing host directory is made matters at creation only.
function normalMount(mount: Mount): Normal {
  const { target: _target, readOnly, ...rest } = mount;
  const {
    createHostPath: _create,
    noCopy,
    options,
    ...plain
  } = rest as typeof rest & {
    createHostPath?: boolean;
    noCopy?: boolean;
    options?: string[];
  };
  const own = ownOptions(options);
  return {
    ...plain,
    ...(readOnly ? { readOnly: true } : {}),
    ...(noCopy ? { noCopy: true } : {}),
    ...(own === undefined ? {} : { options: own }),
  } as Normal;
}

function seenMounts(seen: ContainerInspectResponse): { target: string; [key: string]: Normal }[] {
  const declared = (seen.HostConfig?.Mounts ?? []).map(seenMount);
  const binds = (seen.HostConfig?.Binds ?? []).map(seenBind);
  const tmpfs = Object.entries(seen.HostConfig?.Tmpfs ?? {}).map(([target, text]) =>
    present({ target, type: "tmpfs", ...tmpfsOptions(text) }),
  );
  return [...declared, ...binds, ...tmpfs].map(({ target, ...rest }) => ({ ...rest, target }));
}

function seenMount(wire: WireMount): { target: string; [key: string]: Normal } {
  const { BindOptions: bind, VolumeOptions: volume, TmpfsOptions: tmpfs } = wire;
  return present({
    target: wire.Target ?? "",
    type: wire.Type,
    source: wire.Source || undefined,
    readOnly: wire.ReadOnly || undefined,
    propagation: bind?.Propagation || undefined,
    noCopy: volume?.NoCopy || undefined,
    subpath: volume?.Subpath || undefined,
    size: tmpfs?.SizeBytes || undefined,
    mode: tmpfs?.Mode || undefined,
    options: ownOptions(
      (tmpfs as { Options?: string[][] } | undefined)?.Options?.map((pair) => pair.join("=")),
    ),
  });
}

// SOURCE:TARGET[:OPTIONS], the older form, which adopted containers have.
function seenBind(bind: string): { target: string; [key: string]: Normal } {
  const [source = "", target = "", options = ""] = bind.split(":");
  const words = options.split(",");
  return present({
    target,
    type: source.startsWith("/") ? "bind" : "volume",
    source,
    readOnly: words.includes("ro") || undefined,
    noCopy: words.includes("nocopy") || undefined,
    propagation: words.find((word) => /^r?(private|shared|slave)$/.test(word)),
  });
}

/** The fields of a tmpfs from its options as text: `size=64m,mode=1777,uid=1000`. */
export function tmpfsOptions(text: string) {
  const options: string[] = [];
  const found: { size?: number; mode?: number; readOnly?: true } = {};
  for (const option of text.split(",").filter(Boolean)) {
    const [key, value = ""] = option.split("=");
    const size = key === "size" ? parseBytes(value) : undefined;
    if (size !== undefined) found.size = size;
    else if (key === "mode" && /^[0-7]{1,4}$/.test(value)) found.mode = Number.parseInt(value, 8);
    else if (key === "ro") found.readOnly = true;
    else options.push(option);
  }
  return { ...found, options: ownOptions(options) };
}

// Without what every tmpfs has anyway.
function ownOptions(options: readonly string[] = []): string[] | undefined {
  const own = options.filter((one) => !["rw", "nosuid", "nodev", "noexec"].includes(one));
  return own.length === 0 ? undefined : own.toSorted();
}

function present(mount: { target: string; [key: string]: Normal }) {
  const entries = Object.entries(mount).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as typeof mount;
}

function normalFile(file: File): Normal {
  const { Uid, Gid, Mode, Content, Secret: hidden } = wireFile(file);
  const content = hidden ? new Secret(Content) : hashContent(Buffer.from(Content, "base64"));
  return { uid: Uid, gid: Gid, mode: Mode, content };
}

function isSecret(file: File): boolean {
  return file.secret === true || file.content instanceof Secret;
}

function letters(permissions: string): string {
  return [...permissions].sort().join("");
}
