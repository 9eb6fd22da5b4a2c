// One object made, changed, seen and removed through the same plan and apply as a whole stack: for
// front ends whose tool walks the resources by itself.

import type { HostInput, HostSpec } from "../../../resources/kinds/host/host.ts";
import type { Kind } from "../../../resources/kinds/registry.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import type { ObservedHost } from "../../../resources/plan/observed.ts";
import type { Operation, Plan } from "../../../resources/plan/operation.ts";
import { ownerOf } from "../../../resources/plan/ownership.ts";
import type { ResourceInput, StackInput } from "../../../resources/stack/stack.ts";
import type { Connect, EngineClient } from "../engine.ts";
import { growingPauses, pause } from "../executor/pause.ts";
import { inspectIfThere, observe } from "../observe.ts";
import type { Progress } from "../progress.ts";
import { apply, plan } from "../reconcile.ts";
import { find, labelsOf, type SeenOf } from "./definition.ts";

/** One declared object and its host. */
export interface Single {
  kind: Kind;
  project: string;
  /** Name of the host in errors; letters, digits, '_', '.' and '-'. */
  host: string;
  spec: HostSpec;
  /** Name on the host. */
  object: string;
  /** Name in the labels; the one on the host when absent. */
  name?: string;
  fields: Record<string, unknown>;
}

export interface Work {
  connect: Connect;
  signal: AbortSignal;
  progress: Progress;
}

/** Something of this name exists, and this would be done to it: may it be taken? */
export type MayTake = (labels: Record<string, string>, own: readonly Operation[]) => boolean;

export interface Ensured {
  /** Whether anything may have been changed on the host. */
  begun: boolean;
  errors: unknown[];
}

// A tool removes in parallel what its own state does not connect, such as what was imported: the
// containers of a network or volume may be on their way out. dockerd has no code of its own for it.
const IN_USE = /has active endpoints|is in use|resource is still in use/;
const STILL_USED_MS = 10_000;

/** No project has this name, so that only what is asked for is answered. */
export const NO_PROJECT = ".";

/** What the engine would do for this object. Reads only. */
export async function planned(single: Single, { connect, signal }: Omit<Work, "progress">) {
  const { operations } = await plan(stackOf(single), { connect, signal });
  return operations.filter((one) => one.kind === single.kind);
}

/** Makes the object as declared. `mayTake` decides on one that is there and not as declared. */
export async function ensure(single: Single, work: Work, mayTake: MayTake): Promise<Ensured> {
  const { connect, signal, progress } = work;
  const stack = stackOf(single);
  let begun = false;
  try {
    const steps = await plan(stack, { connect, signal });
    const own = steps.operations.filter((one) => one.kind === single.kind);
    if (single.kind !== "image" && !own.some(({ action }) => action === "create")) {
      await refuseForeign(single, work, (labels) => mayTake(labels, own));
    }
    signal.throwIfAborted();
    begun = true;
    const { failed } = await apply(stack, steps, { connect, signal, progress });
    signal.throwIfAborted();
    return { begun, errors: failed.map(({ error }) => error) };
  } catch (error) {
    return { begun, errors: [error] };
  }
}

/** What the host shows of an object, by name or else by id; undefined when there is none. */
export async function look<K extends Kind>(
  engine: EngineClient,
  kind: K,
  name: string,
  id?: string,
  signal?: AbortSignal,
): Promise<{ seen: SeenOf<K> | undefined; host: ObservedHost }> {
  const names = { containers: [], networks: [], volumes: [], images: [] };
  const asked = { project: NO_PROJECT, ...names, [`${kind}s`]: [name] };
  const host = await observe(engine, asked, signal);
  return { seen: await findOrById(engine, host, kind, name, id, signal), host };
}

/** The object of a name among what was observed, else by its id: it may have another name now. */
export async function findOrById<K extends Kind>(
  engine: EngineClient,
  host: ObservedHost,
  kind: K,
  name: string,
  id?: string,
  signal?: AbortSignal,
): Promise<SeenOf<K> | undefined> {
  const seen = find(host, kind, name);
  if (seen || !id || (kind !== "container" && kind !== "network")) return seen;
  const path = kind === "container" ? `/containers/${id}/json` : `/networks/${id}`;
  return inspectIfThere<SeenOf<K>>(engine, path, signal);
}

/** Removes what was seen; the host is left as it is when it has gone meanwhile. */
export async function remove(
  single: Omit<Single, "fields">,
  seen: SeenOf<Kind>,
  { connect, signal, progress }: Work,
): Promise<void> {
  const { project, host, spec, kind, object } = single;
  if (kind === "image") return untag(single, { connect, signal });
  const { Id, Name } = seen as { Id?: string; Name?: string };
  const operation: Operation = {
    ...{ id: `${host}/${kind}/${object} remove`, action: "remove", host, kind },
    ...{ objectId: kind === "volume" ? Name! : Id!, name: object, object, cause: "is deleted" },
    ...{ changes: [], dependsOn: [], after: [], waitsFor: [] },
  };
  const steps: Plan = {
    ...{ version: 1, project, direction: "down", operations: [operation] },
    hosts: [{ name: host, address: host, engine: "", version: "" }],
    ...{ unchanged: [], orphans: [], notes: [] },
  };
  const stack: StackInput = { project, hosts: { [host]: spec as HostInput }, resources: [] };
  let waitedMs = 0;
  for (const pauseMs of growingPauses(100, 1000)) {
    const { failed } = await apply(stack, steps, { connect, signal, progress });
    signal.throwIfAborted();
    const [first] = failed;
    if (!first || first.error.code === "not_found") return;
    if (!IN_USE.test(first.error.message) || waitedMs >= STILL_USED_MS) throw first.error;
    await pause(pauseMs, signal);
    waitedMs += pauseMs;
  }
}

// Takes the name from the image; its content goes when nothing else uses it.
async function untag(
  { host, spec, object }: Omit<Single, "fields">,
  { connect, signal }: Omit<Work, "progress">,
): Promise<void> {
  const engine = await connect(host, spec, signal);
  const path = `/images/${object}`;
  try {
    await engine.json({ method: "DELETE", path, signal });
  } catch (error) {
    if (!(error instanceof FairleadError) || error.code !== "not_found") throw error;
  }
}

function stackOf({ project, host, spec, kind, object, name, fields }: Single): StackInput {
  const declared = { ...fields, name: object };
  const named = kind === "image" ? "image" : (name ?? object);
  const resource = { kind, host, name: named, spec: declared, adopt: true } as ResourceInput;
  return { project, hosts: { [host]: spec as HostInput }, resources: [resource] };
}

async function refuseForeign(
  single: Single,
  work: Work,
  mayTake: (labels: Record<string, string>) => boolean,
): Promise<void> {
  const { host, spec, kind, object } = single;
  const engine = await work.connect(host, spec, work.signal);
  const { seen } = await look(engine, kind, object, undefined, work.signal);
  if (!seen || mayTake(labelsOf(kind, seen))) return;
  const owner = ownerOf(labelsOf(kind, seen));
  const whose = owner ? ` (of the project ${owner.project})` : "";
  throw new FairleadError("conflict", `${host} has another ${kind} ${object} already${whose}`, {
    hint: "Import it, give this one another name, or set adopt to take it over.",
  });
}
