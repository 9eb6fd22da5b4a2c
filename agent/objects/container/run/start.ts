// Starts a container: root, network, volumes and files are made ready, then its shim is launched.
// A start that fails leaves nothing mounted or open.

import { mkdir, rm, writeFile } from "node:fs/promises";
import { constants } from "node:os";
import { dirname } from "node:path";
import { FairleadError } from "../../../../resources/model/errors.ts";
import type { Restarts } from "../../../runtime/restart.ts";
import { launchShim, ShimClient } from "../../../runtime/shim.ts";
import { ShimError } from "../../../runtime/shim-protocol.ts";
import { shimStateForm } from "../../../runtime/shim-state.ts";
import { specText, splitSysctls } from "../../../runtime/spec.ts";
import { asDiskFull } from "../../../state/disk-full.ts";
import { writeRecord } from "../../../state/record.ts";
import { isHostNetwork } from "../../network/predefined.ts";
import { makeRooted } from "../../tree/rooted-path.ts";
import type { Container } from "../state/container.ts";
import type { ContainerParts } from "../state/parts.ts";
import { addDockerFiles, identityMounts, openFiles, writeIdentity } from "./files.ts";
import { watchContainer } from "./lifetime.ts";
import { requireLinked, updateLinking } from "./links.ts";
import { releaseContainer } from "./release.ts";
import { removeNow } from "./remove.ts";
import { openSandbox } from "./sandbox.ts";
import { networkOwner, type Prepared, settingsOf, specOf } from "./spec.ts";
import { openMounts, openSharedMemory } from "./volumes.ts";

/** How long the news of a start may take from the shim. */
const NEWS_MS = 2000;

/**
 * Starts a created or exited container; `not_modified` when it runs already. With `restarts` it is
 * its policy that starts it, and the counting goes on.
 */
export function startContainer(
  container: Container,
  parts: ContainerParts,
  restarts?: Restarts,
): Promise<void> {
  return container.exclusive(() => startNow(container, parts, restarts));
}

/** The same for a caller that has the container's turn already. */
async function startNow(
  container: Container,
  parts: ContainerParts,
  restarts?: Restarts,
): Promise<void> {
  refuseWhenNot(container);
  const before = container.state;
  try {
    const prepared = await prepare(container, parts);
    await launch(container, prepared, parts, restarts);
  } catch (error) {
    const told = await asDiskFull(error, container.paths.folder);
    await failStart(container, parts, before, startError(container, told));
  }
  await updateLinking(container, parts);
  if (container.record.failure) {
    delete container.record.failure;
    await container.save();
  }
}

function refuseWhenNot(container: Container): void {
  container.requireRecord();
  if (container.record.removing || container.removed) {
    throw new FairleadError("conflict", "container is marked for removal and cannot be started");
  }
  if (container.status === "paused") {
    throw new FairleadError("conflict", "cannot start a paused container, try unpause instead");
  }
  if (container.running) throw new FairleadError("not_modified", "container is already running");
}

async function prepare(container: Container, parts: ContainerParts): Promise<Prepared> {
  const { record } = container;
  const { hostConfig: host } = record;
  const layers = await parts.images.root(record.imageId);
  if (!layers) {
    throw new FairleadError("not_found", `No such image: ${record.imageId}`, {
      hint: "the image of this container was deleted; pull it again",
    });
  }
  const sysctls = splitSysctls(host, {
    network: !isHostNetwork(host.NetworkMode),
    ipc: host.IpcMode !== "host",
  });
  const linked = requireLinked(container, parts);
  const root = parts.storage.mount(container.id, layers);
  const network = openSandbox(container, sysctls.network, parts);
  // When one fails the other is waited for: what is still being made cannot be removed.
  await Promise.allSettled([root, network]);
  const [rootfs, sandbox] = await Promise.all([root, network]);
  const owner = networkOwner(container, parts);
  if (owner === container) await writeIdentity(container, sandbox, linked);
  addDockerFiles(rootfs);
  makeWorkingDirectory(container, rootfs);
  const mounts = [
    ...identityMounts(container, owner),
    ...(await openMounts(container, rootfs, parts)),
    ...(await openFiles(container, parts)),
  ];
  const shmSource = await sharedMemory(container, parts);
  return { rootfs, sandbox, linked, mounts, shmSource, sysctls: sysctls.other };
}

/** As dockerd does it: by root, whatever the user of the container, and not below a mount. */
function makeWorkingDirectory({ record }: Container, rootfs: string): void {
  const path = record.config.WorkingDir ?? "";
  const mounted = record.mounts.some(({ target }) => `${path}/`.startsWith(`${target}/`));
  if (path !== "" && !mounted) makeRooted(rootfs, path);
}

async function sharedMemory(
  container: Container,
  parts: ContainerParts,
): Promise<string | undefined> {
  const mode = container.record.hostConfig.IpcMode ?? "";
  if (mode === "host") return "/dev/shm";
  if (!mode.startsWith("container:")) return openSharedMemory(container, parts);
  const other = parts.containers.require(mode.slice("container:".length));
  return other.record.hostConfig.IpcMode === "host" ? "/dev/shm" : other.paths.shm;
}

async function launch(
  container: Container,
  prepared: Prepared,
  parts: ContainerParts,
  restarts?: Restarts,
): Promise<void> {
  const { paths, record } = container;
  const runtime = parts.runtimes.require(record.hostConfig.Runtime || parts.runtimes.default);
  const spec = specText(specOf(container, prepared, runtime, parts), runtime.kind === "oci");
  const settings = JSON.stringify({ ...settingsOf(container, prepared, runtime), restarts });
  await Promise.all([
    writeFile(paths.config, spec, { mode: 0o600 }),
    writeFile(paths.shimSettings, settings, { mode: 0o600 }),
    mkdir(dirname(paths.socket), { recursive: true, mode: 0o700 }),
    rm(paths.socket, { force: true }),
  ]);
  const { binary } = parts;
  await launchShim({ binary, bundle: paths.bundle, socket: paths.socket });
  const shim = new ShimClient(paths.socket);
  container.shim = shim;
  container.stopping = false;
  await watchContainer(container, shim, parts, (more) => startContainer(container, parts, more));
  await joinAttachments(container, shim);
  await shim.start();
  await settled(container);
}

/** Connects the streams of clients that attached before the start. */
async function joinAttachments(container: Container, shim: ShimClient): Promise<void> {
  const waiting = [...container.attachments];
  container.attachments.clear();
  await Promise.all(waiting.map((join) => join(shim).catch(() => undefined)));
}

/** The shim tells its watchers about the start; an inspect right after must already show it. */
function settled(container: Container): Promise<void> {
  return container.until(
    () => container.state !== undefined && container.state.status !== "created",
    NEWS_MS,
  );
}

async function failStart(
  container: Container,
  parts: ContainerParts,
  before: Container["state"],
  failure: FairleadError & { exitCode?: number },
): Promise<never> {
  // Who waits for the streams of this start would wait for ever.
  await Promise.all([...container.attachments].map((attachment) => attachment(undefined)));
  await releaseContainer(container, parts);
  container.update(before);
  container.record.failure = { exitCode: failure.exitCode ?? 128, message: failure.message };
  if (before) await writeRecord(shimStateForm, container.paths.state, before);
  else await rm(container.paths.state, { force: true });
  await container.save();
  if (container.record.hostConfig.AutoRemove) {
    await removeNow(container, { volumes: true }, parts);
  }
  throw failure;
}

const { ENOENT, EACCES, ENOEXEC, EISDIR } = constants.errno;

/** In the words from which the docker CLI derives its exit codes 125, 126 and 127. */
function startError(container: Container, error: unknown): FairleadError & { exitCode?: number } {
  if (!(error instanceof ShimError)) {
    if (error instanceof FairleadError) return error;
    return new FairleadError("internal", (error as Error).message, { cause: error });
  }
  const command = container.record.path;
  const [exitCode, reason] = reasonOf(error, command);
  const failure = new FairleadError("invalid", `cannot start the container: ${reason}`, {
    path: error.path,
    cause: error,
  });
  return Object.assign(failure, { exitCode });
}

/** The exit code and the sentence for a failed exec of `command`. */
export function reasonOf(error: ShimError, command: string): [exitCode: number, reason: string] {
  const quoted = JSON.stringify(command);
  if (error.step.startsWith("exec")) {
    if (error.errno === ENOENT) {
      const why = command.includes("/")
        ? `stat ${command}: no such file or directory`
        : "executable file not found in $PATH";
      return [127, `exec: ${quoted}: ${why}`];
    }
    if (error.errno === EACCES || error.errno === EISDIR) {
      return [126, `exec: ${quoted}: permission denied`];
    }
    if (error.errno === ENOEXEC) return [126, `exec ${command}: exec format error`];
  }
  return [error.errno === ENOENT ? 127 : error.errno === EACCES ? 126 : 128, error.message];
}
