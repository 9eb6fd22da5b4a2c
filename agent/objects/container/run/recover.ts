// What happens to containers when the agent starts: running ones are taken over, exits that nobody
// saw are recorded, leftovers are cleaned, and after a reboot the restart policies apply.
import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { eachBounded } from "../../../concurrency/bounded.ts";
import { liveShims } from "../../../runtime/live-shims.ts";
import type { Restarts } from "../../../runtime/restart.ts";
import { ShimClient } from "../../../runtime/shim.ts";
import { writeRecord } from "../../../state/record.ts";
import { Container } from "../state/container.ts";
import { linkedContainer } from "../state/links.ts";
import { forwarded } from "../state/log.ts";
import { type ContainerParts, pathsIn } from "../state/parts.ts";
import { type ContainerPaths, type ContainerRecord, containerForm } from "../state/record.ts";
import { salvageRecord } from "../state/salvage.ts";
import { lostState, readState, UNKNOWN_STATE, watchContainer } from "./lifetime.ts";
import { releaseContainer } from "./release.ts";
import { DISCARDED, removeNow } from "./remove.ts";
import { restartAfter } from "./restart.ts";
import { startContainer } from "./start.ts";

const ID = /^[0-9a-f]{64}$/;
const STARTS_AT_ONCE = 4;
const READS_AT_ONCE = 16;
/** Each is mostly a wait for a shim's answer. */
const RECOVERIES_AT_ONCE = 32;

/** How far the recovery is. */
export interface RecoveryCount {
  recovered: number;
  containers: number;
}

/** Reads every record, and removes what a crash left of creations and removals. */
export async function loadContainers(parts: ContainerParts): Promise<void> {
  const folder = `${parts.root}/containers`;
  const names = await readdir(folder).catch(() => []);
  await eachBounded(names, READS_AT_ONCE, async (name) => {
    if (name.startsWith(DISCARDED)) await rm(join(folder, name), { recursive: true, force: true });
    else if (ID.test(name)) await loadContainer(name, parts);
  });
}

async function loadContainer(id: string, parts: ContainerParts): Promise<void> {
  const paths = pathsIn(parts, id);
  const isOwn = (record: ContainerRecord) => record.id === id;
  const reading = await parts.records.read(containerForm, paths.record, isOwn);
  // The first start makes config.json: without it this is what a crash left of a creation.
  if (reading === undefined && !existsSync(paths.config)) {
    await rm(paths.folder, { recursive: true, force: true });
    return;
  }
  const container =
    reading && "record" in reading
      ? new Container(reading.record, paths)
      : await unreadable(id, paths, parts);
  container.state = await readState(container, parts);
  parts.containers.add(container);
}

/** Kept, under its name if that can be found and is free, for a person to decide about. */
async function unreadable(
  id: string,
  paths: ContainerPaths,
  parts: ContainerParts,
): Promise<Container> {
  const known =
    parts.records.unreadableAt(paths.record) ?? parts.records.missing(containerForm, paths.record);
  const { root, run } = parts;
  // What the run folder told is gone at the next start, so it is written down.
  const kept = `${paths.folder}/salvaged.json`;
  const reading = await parts.records.read(containerForm, kept);
  if (reading && "record" in reading) return new Container(reading.record, paths, known);
  const record = await salvageRecord(known, { id, paths, root, run });
  await writeRecord(containerForm, kept, record);
  return new Container(record, paths, known);
}

/**
 * Takes over what runs and settles the rest, side by side; `onCount` is told how far it is.
 * Containers that start do so in the background.
 */
export async function recoverContainers(
  parts: ContainerParts,
  onCount: (count: RecoveryCount) => void = () => undefined,
): Promise<void> {
  const all = parts.containers.all();
  const toStart: ToStart[] = [];
  const shims = await liveShims();
  let recovered = 0;
  await eachBounded(all, RECOVERIES_AT_ONCE, async (container) => {
    try {
      const shimPid = shims.get(container.paths.bundle);
      const wanted = await recover(container, shimPid, parts);
      if (wanted) toStart.push(wanted);
    } catch (error) {
      parts.report(`container ${container.id}: ${(error as Error).stack}`);
    }
    recovered += 1;
    onCount({ recovered, containers: all.length });
  });
  const live = parts.containers.all().filter((container) => container.shim);
  const kept = new Set(live.map(({ id }) => id));
  // An agent without a whole network is still the only way to repair one.
  await parts.network
    .recover(kept)
    .catch((error: Error) => parts.report(`networks: ${error.stack}`));
  void startAll(toStart, parts);
}

interface ToStart {
  container: Container;
  /** How often it has come back, unless the host has booted meanwhile. */
  restarts?: Restarts;
}

/** Settles one container, and tells when its policy wants it started. */
async function recover(
  container: Container,
  shimPid: number | undefined,
  parts: ContainerParts,
): Promise<ToStart | undefined> {
  if (container.record.removing) {
    await takeOver(container, shimPid, parts);
    await releaseContainer(container, parts);
    await removeNow(container, { volumes: false }, parts);
    return undefined;
  }
  if (await takeOver(container, shimPid, parts)) return undefined;
  if (!container.unreadable) parts.logs.begin(forwarded(container));
  // Of one whose record is lost nobody knows what may be cleaned or started.
  if (container.unreadable) return undefined;
  const { state } = container;
  const unknown = state === UNKNOWN_STATE;
  const rebooted = state?.bootId !== parts.facts.bootId;
  const ran = container.running || state?.status === "created";
  if (!state || (ran && state.startedAt === "")) {
    // A start that was cut off has left what it had made ready.
    container.state = undefined;
    await releaseContainer(container, parts);
    return undefined;
  }
  if (container.running || unknown) container.update(await lostState(container, parts));
  await releaseContainer(container, parts);
  if (container.record.hostConfig.AutoRemove) {
    await removeNow(container, { volumes: true }, parts);
    return undefined;
  }
  // A mere restart of the agent starts nothing that had ended before.
  if (!rebooted && !ran) return undefined;
  const restarts = await restartAfter(container, parts, rebooted);
  return restarts && (rebooted ? { container } : { container, restarts });
}

/** How long a shim that an agent launched in its last moment may take until it answers. */
const LAUNCH_MS = 10_000;
const LAUNCH_POLL_MS = 50;

/** Follows the shim that is still there; one whose container nobody had started is ended. */
async function takeOver(
  container: Container,
  shimPid: number | undefined,
  parts: ContainerParts,
): Promise<boolean> {
  if (shimPid === undefined || !(await follow(container, shimPid, parts))) return false;
  const { shim, state, record } = container;
  if (state?.status !== "created" && !record.removing) return true;
  // The agent ended between creation and start: nobody waits for this process.
  await shim?.stop(9, 0).catch(() => undefined);
  return false;
}

/** False when the shim has ended, as it may do at this very moment. */
async function follow(container: Container, pid: number, parts: ContainerParts): Promise<boolean> {
  const shim = new ShimClient(container.paths.socket);
  const endsAt = Date.now() + LAUNCH_MS;
  while (existsSync(`/proc/${pid}`)) {
    try {
      container.shim = shim;
      await watchContainer(container, shim, parts, (restarts) =>
        startContainer(container, parts, restarts),
      );
      return true;
    } catch {
      container.shim = undefined;
    }
    if (Date.now() > endsAt) {
      parts.report(`container ${container.id}: its shim ${pid} does not answer and is ended`);
      process.kill(pid, "SIGKILL");
    }
    await sleep(LAUNCH_POLL_MS);
  }
  return false;
}

async function startAll(wanted: ToStart[], parts: ContainerParts): Promise<void> {
  const queue = inOrder(wanted, parts);
  const begun = new Map<Container, Promise<void>>();
  const start = async ({ container, restarts }: ToStart) => {
    await Promise.all(needs(container, parts).map((other) => begun.get(other)));
    await startContainer(container, parts, restarts).catch((error: Error) => {
      parts.report(`container ${container.id}: not started: ${error.message}`);
    });
  };
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      begun.set(next.container, start(next));
      await begun.get(next.container);
    }
  };
  await Promise.all(Array.from({ length: STARTS_AT_ONCE }, worker));
}

/** Each after those that it needs. */
function inOrder(wanted: ToStart[], parts: ContainerParts): ToStart[] {
  const ordered = new Set<Container>();
  const visit = (container: Container, above: Container[]) => {
    if (ordered.has(container) || above.includes(container)) return;
    for (const other of needs(container, parts)) visit(other, [...above, container]);
    ordered.add(container);
  };
  for (const { container } of wanted) visit(container, []);
  const place = [...ordered];
  return [...wanted].sort((a, b) => place.indexOf(a.container) - place.indexOf(b.container));
}

/** Those whose namespaces a container joins or that it is linked to: they must run before it. */
function needs(container: Container, { containers }: ContainerParts): Container[] {
  const { hostConfig, links = [] } = container.record;
  const joined = [hostConfig.NetworkMode, hostConfig.IpcMode, hostConfig.PidMode]
    .filter((mode) => mode?.startsWith("container:"))
    .map((mode) => containers.find(mode?.slice("container:".length) ?? ""));
  const linked = links.map((link) => linkedContainer(link, containers));
  return [...joined, ...linked].filter((other) => other !== undefined);
}
