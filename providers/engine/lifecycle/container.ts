// The lifecycle of a container: made, started, changed live, adopted, removed. Replacing it is in
// replace.ts.
import type { ContainerInspectResponse } from "@docker/node-sdk";
import type { ContainerSpec } from "../../../resources/kinds/container/container.ts";
import {
  containerFacets,
  LIVE_FIELDS,
  normalContainer,
} from "../../../resources/kinds/container/docker/container.ts";
import { endpointSettings } from "../../../resources/kinds/container/docker/network-facets.ts";
import type { Mount } from "../../../resources/kinds/container/mount.ts";
import type { Normal } from "../../../resources/model/canonical.ts";
import { sameNormal } from "../../../resources/model/canonical.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import {
  CHANGED_LABEL,
  ownershipLabels,
  revisionOf,
  SPEC_LABEL,
} from "../../../resources/plan/ownership.ts";
import { filesLabel } from "../../../resources/plan/project-files.ts";
import { allowing, ifThere } from "../allowing.ts";
import { runHooks } from "./hooks.ts";
import { editLabels } from "./labels.ts";
import { changedNow, isMadeHere, madeNow } from "./made.ts";
import { specOf, type Task } from "./task.ts";
import { untilWell } from "./verify.ts";

const DEFAULT_GRACE_MS = 10_000;

/** Makes the container with its networks and files, not yet started; returns its id. */
export async function createContainer(task: Task, kept: Mount[] = []): Promise<string> {
  const { engine, operation, project } = task;
  const spec = specOf(task, "container");
  const owned = ownershipLabels(project, operation.name, normalContainer(spec));
  const own = { ...owned, ...madeNow(), ...filesLabel(task.resource?.given) };
  const mounts = withKept(spec.mounts ?? [], kept);
  return engine.containers.create({
    name: operation.object,
    spec: mounts.length > 0 ? { ...spec, mounts } : spec,
    labels: own,
  });
}

// A volume that is declared without a name goes on as the one that was there.
function withKept(declared: readonly Mount[], kept: readonly Mount[]): Mount[] {
  const sources = new Map(kept.map((mount) => [mount.target, mount]));
  const mounts = declared.map((mount) => {
    const before = sources.get(mount.target);
    if (mount.type !== "volume" || before?.type !== "volume") return mount;
    return { ...mount, source: before.source };
  });
  const targets = new Set(declared.map(({ target }) => target));
  return [...mounts, ...kept.filter(({ target }) => !targets.has(target))];
}

/** Makes a container and starts it. When the run is cut short on the way, it is removed again. */
export async function bringUp(task: Task): Promise<() => Promise<void>> {
  const undone = async (error: unknown): Promise<never> => {
    if (task.signal?.aborted) await takeBack(task);
    throw error;
  };
  try {
    const id = await createContainer(task);
    task.signal?.throwIfAborted();
    const untilWell = await startContainer(task, id);
    return () => untilWell().catch(undone);
  } catch (error) {
    return undone(error);
  }
}

async function takeBack(cancelled: Task): Promise<void> {
  // Without its declaration no hooks are run in it.
  const task = { ...cancelled, resource: undefined, signal: undefined, removeVolumes: true };
  const { object } = task.operation;
  try {
    const id = await madeMeanwhile(task);
    if (id === undefined) return;
    await removeContainer(task, id);
    task.rolledBack(`${object} is removed again: it was not known to be well yet`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    task.rolledBack(`${object} could not be removed again: ${reason}`);
  }
}

/** What this run made under the operation's name, also where the answer was lost. */
export async function madeMeanwhile({ engine, operation }: Task): Promise<string | undefined> {
  const seen = await ifThere(engine.containers.inspect(operation.object));
  return seen && isMadeHere(seen) && seen.Id !== operation.objectId ? seen.Id : undefined;
}

/** Starts a container; what is returned waits until it is well. */
export async function startContainer(task: Task, id: string): Promise<() => Promise<void>> {
  const { engine, signal, operation } = task;
  const { containers } = engine;
  // None of these is cut short: the host would go on with it.
  if (operation.action === "restart") {
    const graceMs = specOf(task, "container").stopGracePeriod ?? DEFAULT_GRACE_MS;
    await runHooks(task, id, "preStop");
    await task.waits(() => containers.restart(id, { graceMs }));
    await runHooks(task, id, "postStart");
    return verifyContainer(task, id);
  }
  const seen = await containers.inspect(id, signal);
  if (seen.State?.Paused) await containers.unpause(id);
  else {
    await containers.start(id);
    await runHooks(task, id, "postStart");
  }
  return verifyContainer(task, id);
}

/** Leaves a container that runs as it is; what is returned waits until it is well. */
export function verifyContainer(task: Task, id: string): () => Promise<void> {
  const { engine, signal, report } = task;
  const { settle = 1000, healthTimeout = 300_000 } = specOf(task, "container");
  task.started();
  return () => untilWell(engine, id, { settleMs: settle, healthMs: healthTimeout }, report, signal);
}

/** Tells a container that its files have changed. */
export async function signalContainer({ engine, operation, signal }: Task): Promise<void> {
  await engine.containers.kill(operation.objectId!, operation.signal!, signal);
}

/** Notes at a container which files it has, once it has seen them. */
export async function noteFiles(task: Task): Promise<void> {
  const own = filesLabel(task.resource?.given);
  if (Object.keys(own).length === 0) return;
  await editLabels(task.engine, "container", task.operation, undefined, own, task.signal);
}

/** Makes a running container as declared without replacing it. */
export async function updateContainer(task: Task): Promise<void> {
  const { engine, signal, operation, project } = task;
  const spec = specOf(task, "container");
  const id = operation.objectId!;
  const changed = new Set(operation.changes.map(({ field }) => field.split(".")[0]!));
  const expects = await asPlanned(task, id);
  const owned = ownershipLabels(project, operation.name, normalContainer(spec));
  // From now on it is ours, whatever its image says.
  const first = operation.action === "adopt" ? madeNow() : {};
  const own = { ...owned, ...first, ...changedNow() };
  // First of all: of two runs at once the engine lets one have its labels, and the other ends here.
  await editLabels(engine, "container", operation, spec.labels, own, signal, expects);
  if (changed.has("name")) await engine.containers.rename(id, operation.object, signal);
  if (LIVE_FIELDS.some((field) => changed.has(field))) {
    await engine.containers.update(id, spec, signal);
  }
  if (changed.has("networks")) await updateNetworks(task, spec, id);
}

/** What its labels must be for a change in place; throws when they are not those of the plan. */
async function asPlanned({ engine, operation, signal }: Task, id: string) {
  if (operation.revision === undefined) return undefined;
  const { Config } = await engine.containers.inspect(id, signal);
  const labels = Config?.Labels ?? {};
  if (revisionOf(labels) !== operation.revision) {
    throw new FairleadError("conflict", `${operation.object} is not as it was planned from`);
  }
  return {
    [SPEC_LABEL]: labels[SPEC_LABEL] ?? null,
    [CHANGED_LABEL]: labels[CHANGED_LABEL] ?? null,
  };
}

/** Stops it with its own signal and grace period, and removes it; what is gone already is fine. */
export async function removeContainer(task: Task, id: string): Promise<void> {
  const { engine, signal, removeVolumes } = task;
  const { containers } = engine;
  const seen = await ifThere(containers.inspect(id, signal));
  if (!seen) return;
  if (seen.State?.Running && !seen.State.Paused) await runHooks(task, id, "preStop");
  await stopContainer(task, id, (seen.Config?.StopTimeout ?? 10) * 1000);
  const options = { force: true, volumes: removeVolumes, signal };
  await allowing("not_found", containers.remove(id, options));
  if (!removeVolumes) return;
  // Those that a replacement handed on are no longer this container's own for the engine.
  for (const { name } of namelessVolumes(seen)) {
    await allowing("not_found", allowing("conflict", engine.volumes.remove(name, signal)));
  }
}

/** Volumes that nobody named: the engine gave them its own kind of name. */
export function namelessVolumes(seen: ContainerInspectResponse) {
  return (seen.Mounts ?? []).flatMap(({ Type, Name, Destination }) =>
    Type === "volume" && Destination && /^[0-9a-f]{64}$/.test(Name ?? "")
      ? [{ name: Name!, target: Destination }]
      : [],
  );
}

/** Stops a container; one that has stopped is fine. */
export function stopContainer(
  { engine, signal, stopSeconds: timeout, waits }: Task,
  id: string,
  graceMs = DEFAULT_GRACE_MS,
): Promise<void> {
  return waits(() => engine.containers.stop(id, { timeout, graceMs, signal }));
}

// The networks are looked at again: another operation may have joined or left one for it.
async function updateNetworks(task: Task, spec: ContainerSpec, id: string): Promise<void> {
  const { engine, signal, operation } = task;
  const seen = await engine.containers.inspect(id, signal);
  const facet = containerFacets.networks;
  const joined = facet.read(seen) as Record<string, Record<string, Normal>>;
  const wanted = (normalContainer(spec).networks ?? {}) as typeof joined;
  const planned = new Set(operation.changes.map(({ field }) => field));
  for (const name of Object.keys(joined)) {
    const attachment = wanted[name];
    const isSame =
      attachment &&
      Object.keys(attachment).every(
        (key) => attachment[key] === undefined || sameNormal(attachment[key], joined[name]![key]),
      );
    if (isSame && !planned.has(`networks.${name}`)) continue;
    if (!attachment && !planned.has(`networks.${name}`)) continue;
    await allowing("not_found", engine.networks.disconnect(name, id, signal));
    delete joined[name];
  }
  for (const [name, attachment] of Object.entries(spec.networks ?? {})) {
    if (joined[name]) continue;
    await engine.networks.connect(name, id, endpointSettings(attachment), signal);
  }
}
