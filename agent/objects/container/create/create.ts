// Creates a container: checks the request against image and host, makes its volumes, writes its
// record. Nothing half-made remains when a step fails; nothing runs yet.

import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import type { HostConfig } from "@docker/node-sdk";
import { FairleadError } from "../../../../resources/model/errors.ts";
import type { FileRequest } from "../../../../resources/wire.ts";
import { unreadableText } from "../../../../resources/wire.ts";
import { checkLog } from "../../../logs/settings.ts";
import { checkDriver } from "../../../runtime/runtime-limits.ts";
import { checkSpecOptions } from "../../../runtime/spec.ts";
import { signalNumber } from "../../../runtime/spec-shim.ts";
import { asDiskFull } from "../../../state/disk-full.ts";
import { missingImage } from "../../image/name.ts";
import type { StoredImage } from "../../image/store.ts";
import { isHostNetwork } from "../../network/predefined.ts";
import { nowNano } from "../../time.ts";
import { Container } from "../state/container.ts";
import { publish } from "../state/events.ts";
import { logConfig, logSource } from "../state/log.ts";
import { type ContainerParts, pathsIn } from "../state/parts.ts";
import type { ContainerRecord, FileRecord, MountRecord } from "../state/record.ts";
import { completeHostConfig, mergeConfig } from "./config.ts";
import { requestedEndpoints } from "./endpoints.ts";
import { givenSource } from "./given-sources.ts";
import { checkHealthcheck } from "./healthcheck.ts";
import { checkHostConfig, checkResources } from "./limits.ts";
import { legacyLinks } from "./links.ts";
import { machineOf } from "./machine.ts";
import { type WantedMount, wantedMounts } from "./mounts.ts";
import { requestedPorts } from "./ports.ts";
import type { ContainerRequest } from "./request.ts";
import { checkRootless } from "./rootless.ts";

/** Creates a container, in the state `created`. */
export async function createContainer(
  request: ContainerRequest,
  parts: ContainerParts,
): Promise<{ container: Container; warnings: string[] }> {
  const { containers } = parts;
  const id = containers.newId();
  const name = request.name?.replace(/^\//, "") ?? containers.newName();
  containers.reserve(name, id);
  const paths = pathsIn(parts, id);
  const made: string[] = [];
  try {
    const image = await requireImage(request, parts);
    const record = recordOf(id, name, request, image, parts);
    checkLog(logConfig(record), logSource(record));
    const wanted = wantedMounts(record.config, record.hostConfig, (reference) => {
      return requireOther(reference, parts).record.mounts;
    });
    for (const mount of wanted) refuseLostUser(mount, parts);
    await mkdir(paths.folder, { recursive: true, mode: 0o700 });
    await mkdir(paths.bundle, { mode: 0o700 });
    for (const mount of wanted) record.mounts.push(await makeMount(mount, parts, made));
    record.files = await keepFiles(request.files, paths.files);
    const container = new Container(record, paths);
    await container.save();
    containers.add(container);
    publish(parts.events, container, "create");
    return { container, warnings: warningsOf(record) };
  } catch (error) {
    containers.release(name, id);
    await rm(paths.folder, { recursive: true, force: true });
    for (const volume of made) await parts.volumes.remove(volume).catch(() => undefined);
    throw await asDiskFull(error, paths.folder);
  }
}

async function requireImage(
  request: ContainerRequest,
  parts: ContainerParts,
): Promise<StoredImage> {
  const reference = request.config.Image ?? "";
  if (reference === "") throw new FairleadError("invalid", "Image: a container needs an image");
  const image = await parts.images.find(reference, request.platform);
  if (image) return image;
  const { platform } = request;
  const other = platform ? await parts.images.find(reference) : undefined;
  if (!other) throw missingImage(reference);
  const { os, architecture } = other.config;
  throw new FairleadError(
    "not_found",
    `image with reference ${reference} was found but its platform (${os}/${architecture}) ` +
      `does not match the specified platform (${platform})`,
  );
}

function recordOf(
  id: string,
  name: string,
  request: ContainerRequest,
  image: StoredImage,
  parts: ContainerParts,
): ContainerRecord {
  const merged = mergeConfig(request.config, image.config);
  const runtime = parts.runtimes.require(request.hostConfig.Runtime || parts.runtimes.default);
  const host = completeHostConfig(request.hostConfig, {
    cgroupVersion: parts.facts.cgroup.version,
    runtime: runtime.name,
  });
  shareById(host, parts);
  checkDriver(host, runtime, parts.facts.rootless !== undefined);
  checkHostConfig(host, merged);
  checkResources(host, parts.facts);
  checkRootless(host, parts.facts);
  const endpoints = requestedEndpoints(request, host);
  const config = {
    ...merged,
    Hostname: hostnameOf(
      id,
      merged.Hostname ?? "",
      host.NetworkMode ?? "",
      host.UTSMode ?? "",
      parts,
    ),
  };
  checkHealthcheck(config.Healthcheck);
  if (config.StopSignal) signalNumber(config.StopSignal);
  checkSpecOptions(host, machineOf(parts.facts), !isHostNetwork(host.NetworkMode));
  const links = legacyLinks(host, parts);
  const argv = [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])];
  return {
    id,
    name,
    created: nowNano(),
    imageId: image.id,
    path: argv[0] ?? "",
    args: argv.slice(1),
    config,
    // Inspect tells links by what the containers are called then.
    hostConfig: links.length > 0 ? { ...host, Links: null as never } : host,
    endpoints,
    ...(links.length > 0 ? { links } : {}),
    ports: isHostNetwork(host.NetworkMode) ? [] : requestedPorts(config, host),
    mounts: [],
    files: [],
  };
}

/** The containers whose namespaces this one joins stay the same when they are renamed. */
function shareById(host: HostConfig, parts: ContainerParts): void {
  for (const key of ["NetworkMode", "IpcMode", "PidMode"] as const) {
    const reference = /^container:(.*)$/s.exec(host[key] ?? "")?.[1];
    if (reference) host[key] = `container:${requireOther(reference, parts).id}`;
  }
}

/** Not `not_found`: the docker command would take the image for missing, and pull it. */
function requireOther(reference: string, parts: ContainerParts): Container {
  const other = parts.containers.find(reference);
  if (other) return other;
  throw new FairleadError("invalid", `No such container: ${reference}`);
}

function hostnameOf(
  id: string,
  asked: string,
  networkMode: string,
  utsMode: string,
  parts: ContainerParts,
): string {
  if (networkMode.startsWith("container:")) return "";
  if (asked === "") {
    return isHostNetwork(networkMode) || utsMode === "host"
      ? parts.facts.hostname
      : id.slice(0, 12);
  }
  if (utsMode === "host") {
    throw new FairleadError("invalid", "conflicting options: hostname and the UTS mode");
  }
  // The kernel takes 64 bytes; what is in it is the container's own business, as in dockerd.
  if (/^[^\s\0#]{1,64}$/.test(asked)) return asked;
  throw new FairleadError("invalid", `invalid hostname ${JSON.stringify(asked.slice(0, 80))}`, {
    hint: "give 1 to 64 characters, none of them a space or #",
  });
}

/** Whether a container whose record is lost still writes to a volume, nobody knows. */
function refuseLostUser({ type, name }: WantedMount, { containers }: ContainerParts): void {
  if (type !== "volume" || name === "") return;
  for (const { unreadable, record } of containers.all()) {
    if (!unreadable || !record.mounts.some((mount) => mount.name === name)) continue;
    throw new FairleadError(
      "conflict",
      `volume ${name} is used by container ${record.name}: ${unreadableText(unreadable)}`,
      { path: unreadable.setAside },
    );
  }
}

async function makeMount(
  wanted: WantedMount,
  parts: ContainerParts,
  made: string[],
): Promise<MountRecord> {
  const { createSource, labels, options, ...mount } = wanted;
  if (mount.type === "volume") {
    const known = mount.name === "" ? undefined : parts.volumes.find(mount.name);
    const volume = await parts.volumes.ensure({
      name: mount.name,
      driver: mount.driver,
      options,
      labels,
    });
    if (!known) made.push(volume.name);
    return { ...mount, name: volume.name, source: volume.mountpoint, driver: volume.driver };
  }
  if (mount.type === "bind" && givenSource(mount.source, parts) === undefined) {
    await requireSource(mount.source, createSource);
  }
  return mount;
}

async function requireSource(path: string, create: boolean): Promise<void> {
  try {
    await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw sourceError(path, error);
    if (!create) {
      throw new FairleadError(
        "invalid",
        `invalid mount config for type "bind": bind source path does not exist: ${path}`,
      );
    }
    await mkdir(path, { recursive: true, mode: 0o755 });
  }
}

function sourceError(path: string, cause: unknown): FairleadError {
  const reason = (cause as Error).message;
  return new FairleadError("invalid", `invalid mount config for type "bind": ${reason}`, {
    path,
    cause,
  });
}

async function keepFiles(requests: FileRequest[], folder: string): Promise<FileRecord[]> {
  if (requests.length === 0) return [];
  await mkdir(folder, { mode: 0o700 });
  const records: FileRecord[] = [];
  for (const [at, file] of requests.entries()) {
    const name = String(at);
    await writeFile(`${folder}/${name}`, Buffer.from(file.Content, "base64"), { mode: 0o600 });
    records.push({
      target: file.Target,
      uid: file.Uid,
      gid: file.Gid,
      mode: file.Mode,
      secret: file.Secret,
      file: name,
    });
  }
  return records;
}

function warningsOf(record: ContainerRecord): string[] {
  const { hostConfig } = record;
  const warnings: string[] = [];
  if (hostConfig.OomKillDisable && !hostConfig.Memory) {
    warnings.push(
      "OOM killer is disabled for the container, but no memory limit is set, this can result in " +
        "the system running out of resources.",
    );
  }
  const onHost = isHostNetwork(hostConfig.NetworkMode);
  if (onHost && Object.keys(hostConfig.PortBindings ?? {}).length > 0) {
    warnings.push("Published ports are discarded when using host network mode");
  }
  return warnings;
}
