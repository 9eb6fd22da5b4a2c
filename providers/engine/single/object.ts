// One object made, changed, seen and removed through the same plan and apply as a whole stack: for
// front ends whose tool walks the resources by itself.

import type { HostInput, HostSpec } from "../../../resources/kinds/host/host.ts";
import { type Kind, kindOf } from "../../../resources/kinds/registry.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import { InvalidDeclaration } from "../../../resources/model/problem.ts";
import type { ObservedHost } from "../../../resources/plan/observed.ts";
import type { Operation, Plan } from "../../../resources/plan/operation.ts";
import { ownerOf } from "../../../resources/plan/ownership.ts";
import type { ResourceInput, StackInput } from "../../../resources/stack/stack.ts";
import { ifThere } from "../allowing.ts";
import { growingPauses, pause } from "../concurrency/pause.ts";
import type { Connect, EngineClient } from "../engine.ts";
import { lifecycleOf } from "../lifecycle/registry.ts";
import { NO_PROJECT, observeHost } from "../reconcile/observing.ts";
import { apply, plan } from "../reconcile/reconcile.ts";
import type { Progress } from "../report/progress.ts";
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
  /** Seconds until what does not stop is killed; else its own. */
  stopSeconds?: number;
}

/** Something of this name exists, and this would be done to it: may it be taken? */
export type MayTake = (
  seen: { labels: Record<string, string>; id: string },
  own: readonly Operation[],
) => boolean;

/** What is known of an object beside its name. */
export interface Identity {
  /** Id on the host; absent when it never had one. */
  id?: string | undefined;
  /** Whose it is by its labels. */
  owner?: { project: string; name: string } | undefined;
}

export interface Ensured {
  /** Whether anything may have been changed on the host. */
  begun: boolean;
  errors: unknown[];
  /** What was to be done to the object itself. */
  operations: readonly Operation[];
}

// A tool removes in parallel what its own state does not connect, such as what was imported: the
// containers of a network or volume may be on their way out. dockerd has no code of its own for it.
const IN_USE = /has active endpoints|is in use|resource is still in use/;
const STILL_USED_MS = 10_000;

/** What the engine would do for this object. Reads only. */
export async function planned(single: Single, { connect, signal }: Omit<Work, "progress">) {
  const { operations } = await plan(stackOf(single), { connect, signal });
  return operations.filter((one) => one.kind === single.kind);
}

/** Makes the object as declared. `mayTake` decides on one that is there and not as declared. */
export async function ensure(single: Single, work: Work, mayTake: MayTake): Promise<Ensured> {
  const { connect, signal, progress } = work;
  const stack = stackOf(single);
  const ownIn = (steps: Plan) => steps.operations.filter((one) => one.kind === single.kind);
  let begun = false;
  let operations: readonly Operation[] = [];
  try {
    const steps = await plan(stack, { connect, signal });
    const there = !ownIn(steps).some(({ action }) => action === "create");
    if (kindOf(single.kind).owned && there) {
      await refuseForeign(single, work, (seen) => mayTake(seen, ownIn(steps)));
    }
    operations = ownIn(steps);
    signal.throwIfAborted();
    begun = true;
    const { failed } = await apply(stack, steps, { connect, signal, progress });
    signal.throwIfAborted();
    return { begun, errors: failed.map(({ error }) => error), operations };
  } catch (error) {
    return { begun, errors: [error], operations };
  }
}

/** How an object is made anew, and why; `named` says fields in the words of the tool. */
export function replacementOf(
  operations: readonly Operation[],
  named: (field: string) => string,
): string | undefined {
  const found = operations.find(({ action }) => action === "replace");
  if (!found) return undefined;
  const { order, changes, cause } = found;
  const anew = changes.filter(({ rule }) => rule === "replace");
  const fields = [...new Set(anew.map(({ field }) => named(field.split(".")[0]!)))];
  const drifted = anew.length > 0 && anew.every((one) => one.cause === "drift");
  const by = drifted ? " (changed by hand)" : "";
  const why = fields.length === 0 ? cause : `${fields.join(", ")}${by}`;
  if (!order) return `in its place, and what is attached to it is attached again: ${why}`;
  const reason = order.cause === "declared" ? "as declared" : order.cause;
  return `${order.first}-first (${reason}), the old one is kept until the new one is well: ${why}`;
}

/** What the host shows of an object; undefined when there is none. */
export async function observeObject<K extends Kind>(
  engine: EngineClient,
  kind: K,
  name: string,
  known: Identity = {},
  signal?: AbortSignal,
): Promise<{ seen: SeenOf<K> | undefined; host: ObservedHost }> {
  const question = { project: NO_PROJECT, names: { [kind]: [name] } };
  const host = await observeHost(engine, question, { signal });
  return { seen: await identified(engine, host, kind, name, known, signal), host };
}

/**
 * The object that is known: by its id, or made anew by its owner meanwhile. Of what has no id the
 * one of the name; what only bears the name of another object is not it.
 */
export async function identified<K extends Kind>(
  engine: EngineClient,
  host: ObservedHost,
  kind: K,
  name: string,
  { id, owner }: Identity,
  signal?: AbortSignal,
): Promise<SeenOf<K> | undefined> {
  const seen = find(host, kind, name);
  if (id === undefined) return seen;
  if (seen && (kindOf(kind).idOf(seen) === id || isOwnedBy(labelsOf(kind, seen), owner))) {
    return seen;
  }
  const { inspect } = lifecycleOf(kind);
  return inspect && ifThere(inspect(engine, id, signal) as Promise<SeenOf<K>>);
}

/** Whether labels say that an object belongs to this resource of this project. */
export function isOwnedBy(
  labels: Record<string, string>,
  owner: { project: string; name: string } | undefined,
): boolean {
  const found = ownerOf(labels);
  return found !== undefined && found.project === owner?.project && found.name === owner.name;
}

/**
 * Whether a plan was refused because of the object itself. What else an object needs may be made by
 * the same run of the tool, so that a plan of the object alone cannot know of it.
 */
export function isRefusal(kind: Kind, error: unknown): error is InvalidDeclaration {
  return (
    error instanceof InvalidDeclaration &&
    error.code === "conflict" &&
    error.problems.every(({ path }) => path.startsWith(`${kind}s.`))
  );
}

/** Throws when something found by its name alone belongs to another project. */
export function refuseOther(
  { kind, host, object, project }: Pick<Single, "kind" | "host" | "object" | "project">,
  labels: Record<string, string>,
): void {
  const owner = ownerOf(labels);
  if (!owner || owner.project === project) return;
  const whose = `belongs to ${owner.name} of the project ${owner.project}`;
  throw new FairleadError("conflict", `${kind} ${object} on ${host} ${whose}`, {
    hint: "It is left alone. Take the resource out of the state, or import what is yours.",
  });
}

/** Removes what was seen; the host is left as it is when it has gone meanwhile. */
export async function remove(
  single: Omit<Single, "fields">,
  seen: SeenOf<Kind>,
  { connect, signal, progress, stopSeconds }: Work,
): Promise<void> {
  const { project, host, spec, kind, object } = single;
  const operation: Operation = {
    ...{ id: `${host}/${kind}/${object} remove`, action: "remove", host, kind },
    ...{ objectId: kindOf(kind).idOf(seen), name: object, object, cause: "is deleted" },
    ...{ changes: [], dependsOn: [], after: [], waitsFor: [] },
  };
  const steps: Plan = {
    ...{ version: 1, project, direction: "down", operations: [operation] },
    hosts: [{ name: host, address: host, engine: "", version: "" }],
    ...{ unchanged: [], orphans: [], notes: [] },
  };
  const stack: StackInput = { project, hosts: { [host]: spec as HostInput }, resources: [] };
  const stop = stopSeconds === undefined ? {} : { stopSeconds };
  let waitedMs = 0;
  for (const pauseMs of growingPauses(100, 1000)) {
    const { failed } = await apply(stack, steps, { ...{ connect, signal, progress }, ...stop });
    signal.throwIfAborted();
    const [first] = failed;
    if (!first || first.error.code === "not_found") return;
    if (!IN_USE.test(first.error.message) || waitedMs >= STILL_USED_MS) throw first.error;
    await pause(pauseMs, signal);
    waitedMs += pauseMs;
  }
}

function stackOf({ project, host, spec, kind, object, name, fields }: Single): StackInput {
  const declared = { ...fields, name: object };
  const named = kindOf(kind).owned ? (name ?? object) : kind;
  const resource = { kind, host, name: named, spec: declared, adopt: true } as ResourceInput;
  return { project, hosts: { [host]: spec as HostInput }, resources: [resource] };
}

async function refuseForeign(
  single: Single,
  work: Work,
  mayTake: (seen: Parameters<MayTake>[0]) => boolean,
): Promise<void> {
  const { host, spec, kind, object } = single;
  const engine = await work.connect(host, spec, work.signal);
  const { seen } = await observeObject(engine, kind, object, {}, work.signal);
  if (!seen) return;
  const labels = labelsOf(kind, seen);
  if (mayTake({ labels, id: kindOf(kind).idOf(seen) })) return;
  const owner = ownerOf(labels);
  const whose = owner ? ` (of the project ${owner.project})` : "";
  throw new FairleadError("conflict", `${host} has another ${kind} ${object} already${whose}`, {
    hint: "Import it, give this one another name, or set adopt to take it over.",
  });
}
