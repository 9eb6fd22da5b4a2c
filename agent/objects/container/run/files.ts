// Writes the files that every container gets: hosts, hostname and resolv.conf, the small files that
// came with its creation, and what dockerd puts into each root.
import { closeSync, constants, openSync, symlinkSync } from "node:fs";
import { chmod, chown, copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import type { Sandbox } from "../../../network/model/contract.ts";
import type { ContainerMount } from "../../../runtime/spec-mounts.ts";
import { exists, readText } from "../../host.ts";
import { makeRooted, openRooted } from "../../tree/rooted-path.ts";
import type { Container } from "../state/container.ts";
import type { ContainerParts } from "../state/parts.ts";
import type { Linked } from "./links.ts";
import { hostsFile, parseResolvConf, resolvConf } from "./names.ts";

/** systemd-resolved's list of real servers, for hosts whose resolv.conf names only its stub. */
const RESOLVED = "/run/systemd/resolve/resolv.conf";

/** The host's resolver settings, with real servers where the host only names a local stub. */
export function hostResolver() {
  const facts = parseResolvConf(readText("/etc/resolv.conf"));
  const stubOnly = facts.nameservers.every((ip) => ip === "127.0.0.53");
  return stubOnly && exists(RESOLVED) ? parseResolvConf(readText(RESOLVED)) : facts;
}

/** Writes /etc/hosts, /etc/hostname and /etc/resolv.conf for a start. */
export async function writeIdentity(
  container: Container,
  sandbox: Sandbox,
  linked: readonly Linked[],
): Promise<void> {
  const { record, paths } = container;
  const onHost = sandbox.netnsPath === undefined;
  const mode = onHost ? "host-network" : sandbox.nameTables.length > 0 ? "own-resolver" : "direct";
  const gateway = sandbox.endpoints.find((endpoint) => endpoint.gateway)?.gateway ?? "127.0.0.1";
  const hosts = onHost
    ? `${readText("/etc/hosts").trimEnd()}\n${extraOnly(container, gateway)}`
    : hostsFile(record, sandbox.endpoints, gateway, linked);
  await Promise.all([
    writeFile(paths.hosts, hosts, { mode: 0o644 }),
    writeFile(paths.hostname, `${record.config.Hostname}\n`, { mode: 0o644 }),
    writeFile(paths.resolvConf, resolvConf(record, hostResolver(), mode), { mode: 0o644 }),
  ]);
}

/**
 * What dockerd puts into every root: the mark by which programs see that they are in a container,
 * and the list of mounts at the place where older programs look for it.
 */
export function addDockerFiles(rootfs: string): void {
  const { O_CREAT, O_EXCL, O_WRONLY } = constants;
  unlessThere(() =>
    closeSync(openSync(`${rootfs}/.dockerenv`, O_CREAT | O_EXCL | O_WRONLY, 0o755)),
  );
  makeRooted(rootfs, "/etc");
  const etc = openRooted(rootfs, "/etc");
  if (!etc) return;
  try {
    unlessThere(() => symlinkSync("/proc/mounts", `/proc/self/fd/${etc.fd}/mtab`));
  } finally {
    closeSync(etc.fd);
  }
}

function unlessThere(make: () => void): void {
  try {
    make();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

function extraOnly(container: Container, gateway: string): string {
  const all = hostsFile(container.record, [], gateway, []).split("\n");
  return all.slice(6).join("\n");
}

/** The identity files as mounts, except where the user mounted something else. */
export function identityMounts(container: Container, owner: Container): ContainerMount[] {
  const taken = new Set(container.record.mounts.map(({ target }) => target));
  const pairs = [
    [owner.paths.resolvConf, "/etc/resolv.conf"],
    [owner.paths.hostname, "/etc/hostname"],
    [owner.paths.hosts, "/etc/hosts"],
  ] as const;
  const readOnly = container.record.hostConfig.ReadonlyRootfs === true;
  return pairs
    .filter(([, target]) => !taken.has(target))
    .map(([source, target]) => fileMount(source, target, readOnly));
}

/** Puts the container's small files on a tmpfs with their owners; returns their mounts. */
export async function openFiles(
  container: Container,
  parts: ContainerParts,
): Promise<ContainerMount[]> {
  const { record, paths } = container;
  if (record.files.length === 0) return [];
  await mkdir(paths.runFiles, { recursive: true, mode: 0o700 });
  await parts.mounts.unmount(paths.runFiles);
  await parts.mounts.tmpfs(paths.runFiles, "mode=0700");
  for (const { file, uid, gid, mode } of record.files) {
    const target = `${paths.runFiles}/${file}`;
    await copyFile(`${paths.files}/${file}`, target);
    await chown(target, uid, gid);
    await chmod(target, mode);
  }
  return record.files.map(({ file, target }) =>
    fileMount(`${paths.runFiles}/${file}`, target, true),
  );
}

/** Takes away what `openFiles` made. */
export async function closeFiles(container: Container, parts: ContainerParts): Promise<void> {
  if (container.record.files.length === 0) return;
  await parts.mounts.unmount(container.paths.runFiles);
  await rm(container.paths.runFiles, { recursive: true, force: true });
}

function fileMount(source: string, target: string, readOnly: boolean): ContainerMount {
  return {
    type: "bind",
    source,
    target,
    readOnly,
    propagation: "rprivate",
    recursive: true,
    readOnlyBelow: false,
    options: [],
  };
}
