// The device nodes of a container and the device cgroup's rules, in Docker's order.
import { lstatSync, readdirSync, type Stats, statSync } from "node:fs";
import type { HostConfig } from "@docker/node-sdk";
import { FairleadError } from "../../resources/model/errors.ts";
import type { ContainerMount } from "./spec-mounts.ts";
import { type OciResources, splitDevice } from "./spec-resources.ts";

export interface OciDevice {
  path: string;
  type: "c" | "b";
  major: number;
  minor: number;
  fileMode: number;
  uid: number;
  gid: number;
}

type Rules = NonNullable<OciResources["devices"]>;

export interface DevicePlan {
  devices: OciDevice[];
  rules: Rules;
  /** Nodes of the host bound into the container, where none can be made. */
  binds: ContainerMount[];
}

/** The nodes that every runtime makes itself, so that they are not listed twice. */
const PROVIDED = ["console", "full", "fuse", "null", "ptmx", "pts", "random", "shm", "tty"];
const SKIPPED = new Set([...PROVIDED, "urandom", "zero", "fd", "mqueue", "stdin", "stdout"]);
const SEARCH_DEPTH = 4;
const SEARCH_LIMIT = 4096;

/** Docker's default rules: the harmless nodes of mem(4) and tty(4), and no fuse. */
const DEFAULT_RULES: Rules = [
  { allow: false, access: "rwm" },
  { allow: true, type: "c", major: 1, minor: 5, access: "rwm" },
  { allow: true, type: "c", major: 1, minor: 3, access: "rwm" },
  { allow: true, type: "c", major: 1, minor: 9, access: "rwm" },
  { allow: true, type: "c", major: 1, minor: 8, access: "rwm" },
  { allow: true, type: "c", major: 5, minor: 0, access: "rwm" },
  { allow: true, type: "c", major: 5, minor: 1, access: "rwm" },
  { allow: false, type: "c", major: 10, minor: 229, access: "rwm" },
];

/** Nodes and rules from Devices, DeviceCgroupRules and Privileged. */
export function planDevices(host: HostConfig, rootless = false): DevicePlan {
  if (rootless) return { devices: [], rules: [], binds: boundDevices(host) };
  if (host.Privileged) {
    return { devices: hostDevices(), rules: [{ allow: true, access: "rwm" }], binds: [] };
  }
  const devices: OciDevice[] = [];
  const rules: Rules = [...DEFAULT_RULES];
  for (const { PathOnHost = "", PathInContainer, CgroupPermissions } of host.Devices ?? []) {
    const access = CgroupPermissions || "rwm";
    for (const device of mappedDevices(PathOnHost, PathInContainer || PathOnHost)) {
      devices.push(device);
      const { type, major, minor } = device;
      rules.push({ allow: true, type, major, minor, access });
    }
  }
  for (const rule of host.DeviceCgroupRules ?? []) rules.push(parseRule(rule));
  return { devices, rules, binds: [] };
}

/** A user namespace has no mknod(2), and the mode of the host's node decides who may open it. */
function boundDevices(host: HostConfig): ContainerMount[] {
  return (host.Devices ?? []).map(({ PathOnHost = "", PathInContainer }) => {
    const target = PathInContainer || PathOnHost;
    mappedDevices(PathOnHost, target);
    return {
      type: "bind",
      source: PathOnHost,
      target,
      readOnly: false,
      propagation: "",
      recursive: true,
      readOnlyBelow: false,
      options: [],
    };
  });
}

function mappedDevices(source: string, target: string): OciDevice[] {
  const stat = statSync(source, { throwIfNoEntry: false });
  if (stat?.isDirectory()) return devicesBelow(source, target, 0);
  const device = stat && deviceOf(target, stat);
  if (!device) {
    throw new FairleadError(
      "invalid",
      `error gathering device information while adding custom device "${source}": ` +
        (stat ? "not a device node" : "no such file or directory"),
    );
  }
  return [device];
}

function devicesBelow(source: string, target: string, depth: number): OciDevice[] {
  if (depth > SEARCH_DEPTH) return [];
  const found: OciDevice[] = [];
  for (const entry of readdirSync(source, { withFileTypes: true })) {
    if (found.length >= SEARCH_LIMIT) break;
    const [from, to] = [`${source}/${entry.name}`, `${target}/${entry.name}`];
    if (entry.isDirectory()) {
      if (!SKIPPED.has(entry.name)) found.push(...devicesBelow(from, to, depth + 1));
      continue;
    }
    const stat = lstatSync(from, { throwIfNoEntry: false });
    const device = stat && deviceOf(to, stat);
    if (device) found.push(device);
  }
  return found;
}

/** Everything in the host's /dev, for --privileged. */
function hostDevices(): OciDevice[] {
  return devicesBelow("/dev", "/dev", 0).filter(({ path }) => !SKIPPED.has(path.slice(5)));
}

function deviceOf(path: string, stat: Stats): OciDevice | undefined {
  const type = stat.isCharacterDevice() ? "c" : stat.isBlockDevice() ? "b" : undefined;
  if (type === undefined) return undefined;
  const { major, minor } = splitDevice(stat.rdev);
  return { path, type, major, minor, fileMode: stat.mode & 0o7777, uid: stat.uid, gid: stat.gid };
}

/** `c 13:* rwm`, as the device cgroup of v1 writes it. */
function parseRule(text: string): Rules[number] {
  const [, type = "", major = "", minor = "", access = ""] =
    /^([acb]) (\d+|\*):(\d+|\*) ([rwm]{1,3})$/.exec(text) ?? [];
  if (type === "") {
    throw new FairleadError("invalid", `invalid device cgroup rule format: '${text}'`);
  }
  return {
    allow: true,
    type,
    ...(major === "*" ? {} : { major: Number(major) }),
    ...(minor === "*" ? {} : { minor: Number(minor) }),
    access,
  };
}
