// What happens to one container: made, changed, replaced, started, or left as it is.
import type { ContainerInspectResponse } from "@docker/node-sdk";
import type { FieldChange } from "../../../model/change.ts";
import {
  contextOf,
  gatesOf,
  hostOf,
  neededOperations,
  operate,
  operationsOf,
  ownership,
  type PlanDraft,
  resourceAt,
} from "../../../plan/draft.ts";
import type { Operation } from "../../../plan/operation.ts";
import { ownerOf, revisionOf } from "../../../plan/ownership.ts";
import { filesCause, filesOperations } from "../../../plan/plan-files.ts";
import { addressOf, dependedOn, type Placed } from "../../../plan/resource.ts";
import { ENGINE_SOCKETS, READ_ONLY_SOCKET } from "../../../wire.ts";
import type { ImageSpec } from "../../image/image.ts";
import { bringImage, type ImageState, imageState } from "../../image/plan.ts";
import type { ContainerSpec } from "../container.ts";
import { diffContainer } from "./diff.ts";
import { needsOfContainer, sharedContainers } from "./needs.ts";
import { replaceOrder } from "./order.ts";

type PlacedContainer = Placed<ContainerSpec>;

const MADE_ANEW = new Set(["create", "replace"]);

/** Plans one container, after those that it needs; adds the image that it is made from. */
export function planContainer(draft: PlanDraft, resource: PlacedContainer): void {
  const { host, spec } = resource;
  const image = resourceAt(draft, host, { kind: "image", object: spec.image });
  const state = image && imageState(draft, image as Placed<ImageSpec>);
  const { seen, asides } = findContainer(draft, resource);
  // The image comes only with a container that is made.
  const needs = needsOfContainer(spec).filter(({ kind }) => kind !== "image");
  const before = [...filesOperations(draft, resource), ...neededOperations(draft, host, needs)];
  const more = { waitsFor: gatesOf(resource), dependsOn: before };
  const made = (action: "create" | "replace", cause: string, rest: Partial<Operation> = {}) => {
    noteEngineSocket(draft, resource);
    if (image) bringImage(draft, image as Placed<ImageSpec>);
    const bring = image ? operationsOf(draft, host, "image", image.name) : [];
    operate(draft, resource, action, cause, {
      ...{ waitsFor: more.waitsFor, dependsOn: [...more.dependsOn, ...bring] },
      ...(state?.id === undefined ? {} : { image: state.id }),
      ...rest,
    });
  };
  if (!seen) made("create", "is not there");
  else {
    const whose = ownership(draft, resource, {
      ...{ labels: seen.Config?.Labels, id: seen.Id ?? "" },
    });
    if (whose === "foreign") return;
    planExisting(draft, resource, { seen, state, whose, more, made });
  }
  for (const aside of asides) removeAside(draft, resource, aside);
}

function noteEngineSocket(draft: PlanDraft, resource: PlacedContainer): void {
  const binds = resource.spec.mounts?.flatMap((one) => (one.type === "bind" ? [one.source] : []));
  if (binds?.some((source) => ENGINE_SOCKETS.includes(source))) {
    const who = `who controls the container controls ${resource.host}`;
    draft.notes.push(`${addressOf(resource)} is given the socket of the engine: ${who}`);
  }
  if (binds?.includes(READ_ONLY_SOCKET)) {
    const what = "it sees all containers of the host, with their variables and logs";
    draft.notes.push(`${addressOf(resource)} is given a read-only socket of the engine: ${what}`);
  }
}

interface Existing {
  seen: ContainerInspectResponse;
  state: ImageState | undefined;
  whose: "own" | "adopt";
  more: { waitsFor: Operation["waitsFor"]; dependsOn: string[] };
  made: (action: "create" | "replace", cause: string, rest: Partial<Operation>) => void;
}

function planExisting(draft: PlanDraft, resource: PlacedContainer, existing: Existing): void {
  const { seen, made, whose, more } = existing;
  const objectId = seen.Id!;
  const changes = changesOf(draft, resource, existing);
  const files = filesCause(draft, resource, seen);
  const byFiles = files?.onChange === "recreate" ? files.cause : undefined;
  const forced = forcedCause(draft, resource, seen) ?? byFiles;
  if (forced !== undefined || changes.some(({ rule }) => rule === "replace")) {
    const order = replaceOrder(resource.spec, seen);
    made("replace", forced ?? causeOf(changes), { objectId, changes, order });
    return;
  }
  const revision = revisionOf(seen.Config?.Labels);
  const adopts = whose === "adopt" && contextOf(draft, resource).editsLabels;
  if (adopts) operate(draft, resource, "adopt", "exists and is taken over", { objectId, changes });
  else if (changes.length > 0) {
    operate(draft, resource, "update", causeOf(changes), {
      objectId,
      changes,
      ...(revision === undefined ? {} : { revision }),
      dependsOn: more.dependsOn,
    });
  }
  const stopped = stoppedCause(draft, resource, seen);
  const byRestart = files?.onChange === "restart" ? files.cause : undefined;
  const restarted =
    stopped === undefined ? (restartCause(draft, resource) ?? byRestart) : undefined;
  const before = operationsOf(draft, resource.host, "container", resource.name);
  const dependsOn = [...more.dependsOn, ...before];
  if (stopped !== undefined)
    operate(draft, resource, "start", stopped, { ...more, objectId, dependsOn });
  else if (restarted !== undefined) {
    operate(draft, resource, "restart", restarted, { ...more, objectId, dependsOn });
  } else if (files?.onChange.startsWith("signal ")) {
    const signal = files.onChange.slice("signal ".length);
    operate(draft, resource, "signal", files.cause, { objectId, dependsOn, signal });
  } else {
    const unwell = unwellCause(draft, resource, seen);
    if (unwell !== undefined) {
      operate(draft, resource, "verify", unwell, { objectId, dependsOn });
    } else if (before.length === 0) draft.unchanged.push(addressOf(resource));
  }
}

/** A container that has run this long since it was started again has got over it. */
const SETTLED_MS = 60_000;

/** Why a container that is up is not as declared: it is ill, or ends again and again. */
function unwellCause(
  draft: PlanDraft,
  resource: PlacedContainer,
  seen: ContainerInspectResponse,
): string | undefined {
  const { State: state, RestartCount: restarts = 0 } = seen;
  if (state?.Restarting) return "restarts again and again";
  if (!state?.Running) return undefined;
  const health = state.Health?.Status;
  if (health === "unhealthy") return "is unhealthy";
  if (health === "starting") return "is not healthy yet";
  const { seenAtMs } = hostOf(draft, resource);
  const upMs = (seenAtMs ?? Number.POSITIVE_INFINITY) - Date.parse(state.StartedAt ?? "");
  const again = restarts > 1 && health !== "healthy" && upMs < SETTLED_MS;
  return again ? `was restarted ${restarts} times` : undefined;
}

const COMES = { pull: "pulled", build: "built", deliver: "delivered" } as const;

function changesOf(
  draft: PlanDraft,
  resource: PlacedContainer,
  { seen, state }: Existing,
): FieldChange[] {
  const sameName = seen.Config?.Image === resource.spec.image;
  const change = diffContainer(resource.spec, seen, {
    ...contextOf(draft, resource),
    imageId: state?.id,
    // A tag that the host lost matters only to a container that is to run something else.
    imagePending: state?.id === undefined && !(state?.missing && sameName),
    imageComes: state?.action && COMES[state.action],
    ownNetworks: ownNetworks(draft, resource),
  });
  return "fields" in change ? change.fields : [];
}

function ownNetworks(draft: PlanDraft, resource: Placed): Set<string> {
  const own = hostOf(draft, resource).networks.filter(
    ({ Labels }) => ownerOf(Labels)?.project === draft.project,
  );
  return new Set(own.map(({ Name }) => Name ?? ""));
}

// A container that shares a namespace is bound to one incarnation of the other one.
function forcedCause(
  draft: PlanDraft,
  resource: PlacedContainer,
  seen: ContainerInspectResponse,
): string | undefined {
  if (draft.options.recreate) return "is made anew as asked";
  if (seen.State?.Dead) return "is dead";
  for (const object of sharedContainers(resource.spec)) {
    const other = draft.operations.find(
      (one) => one.kind === "container" && one.host === resource.host && one.object === object,
    );
    if (other && MADE_ANEW.has(other.action))
      return `${other.name}, whose namespace or mounts it shares, is new`;
  }
  return undefined;
}

function stoppedCause(
  draft: PlanDraft,
  resource: PlacedContainer,
  seen: ContainerInspectResponse,
): string | undefined {
  const state = seen.State;
  if (state?.Paused) return "is paused";
  if (state?.Running || state?.Restarting) return undefined;
  if (state?.Status === "created") return "was not started";
  const isDone = isJob(draft, resource) || endedAlone(draft, resource, seen);
  if (state?.ExitCode === 0 && isDone) return undefined;
  return `has stopped with exit code ${state?.ExitCode ?? "unknown"}`;
}

/** It had no more to do and nobody stopped it: a later `up` has no reason to run it again. */
function endedAlone(
  draft: PlanDraft,
  resource: PlacedContainer,
  seen: ContainerInspectResponse,
): boolean {
  const { job, restart = "no" } = resource.spec;
  if (job === false || !/^(no|on-failure)/.test(restart)) return false;
  return hostOf(draft, resource).ended?.includes(seen.Id!) ?? false;
}

/** True for a container that runs to its end, by its spec or because another waits for that. */
function isJob(draft: PlanDraft, resource: PlacedContainer): boolean {
  if (resource.spec.job !== undefined) return resource.spec.job;
  return draft.resolved.some((other) =>
    other.dependsOn?.some(
      (one) =>
        one.condition === "completed" && addressOf(dependedOn(other, one)) === addressOf(resource),
    ),
  );
}

function restartCause(draft: PlanDraft, resource: PlacedContainer): string | undefined {
  for (const dependency of resource.dependsOn ?? []) {
    if (!dependency.restart) continue;
    const operations = draft.byAddress.get(addressOf(dependedOn(resource, dependency))) ?? [];
    const moved = operations.find(({ action }) => action === "replace" || action === "restart");
    if (moved)
      return `${dependency.name} is ${moved.action === "replace" ? "replaced" : "restarted"}`;
  }
  return undefined;
}

// Besides the container itself there may be what an interrupted replacement left: the old one,
// renamed. It goes when the container is as declared, and is all there is when no other one is.
function findContainer(draft: PlanDraft, resource: PlacedContainer) {
  const { containers } = hostOf(draft, resource);
  const own = containers.filter((one) => {
    const owner = ownerOf(one.Config?.Labels);
    return owner?.project === draft.project && owner.name === resource.name;
  });
  const byName = containers.find((one) => one.Name?.replace(/^\//, "") === resource.object);
  const seen: ContainerInspectResponse | undefined = byName ?? own[0];
  return { seen, asides: own.filter((one) => one !== seen) };
}

function removeAside(
  draft: PlanDraft,
  resource: PlacedContainer,
  aside: ContainerInspectResponse,
): void {
  const object = (aside.Name ?? "").replace(/^\//, "");
  operate(draft, { ...resource, object }, "remove", "is left from an interrupted replacement", {
    id: `${addressOf(resource)} remove ${object}`,
    objectId: aside.Id!,
    dependsOn: operationsOf(draft, resource.host, "container", resource.name),
  });
}

function causeOf(changes: FieldChange[]): string {
  const drift = changes.every(({ cause }) => cause === "drift");
  return drift ? "was changed by hand" : "has changed";
}
