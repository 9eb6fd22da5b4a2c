// What happens to images: which are there, which are pulled or delivered, and what containers get.
import type { ImageInspect } from "@docker/node-sdk";
import { shortId } from "../kinds/diff-resource.ts";
import { imageKey } from "../plan/observed.ts";
import { conflict, hostOf, operate, type PlanDraft } from "./plan-draft.ts";
import type { Resolved } from "./resolve.ts";
import { addressOf } from "./stack.ts";

export interface ImageState {
  resource: Extract<Resolved, { kind: "image" }>;
  /** Id under the name once the plan has run; undefined while it is not known. */
  id?: string;
  /** What brings it, and why; absent when it is there. */
  action?: "pull" | "deliver";
  cause: string;
  /** The host lacks the name; a container that runs from it goes on. */
  missing: boolean;
}

export type ImageStates = Map<string, ImageState>;

/** The state of every image of the stack, by host and reference. */
export function imageStates(draft: PlanDraft): ImageStates {
  const states: ImageStates = new Map();
  for (const resource of draft.resolved) {
    if (resource.kind !== "image") continue;
    states.set(imageKey(resource.host, resource.spec.name), stateOf(draft, resource));
  }
  return states;
}

/** Plans what brings the images: those declared, and those that a container is made from. */
export function planImages(draft: PlanDraft, states: ImageStates, needed: ReadonlySet<string>) {
  const declared = new Set(
    draft.stack.resources.filter(({ kind }) => kind === "image").map(addressOf),
  );
  for (const [key, state] of states) {
    const address = addressOf(state.resource);
    if (!declared.has(address) && !needed.has(key)) continue;
    if (state.action) {
      operate(draft, state.resource, state.action, state.cause, {
        ...(state.id === undefined ? {} : { image: state.id }),
      });
    } else if (state.missing) {
      const message = `${state.resource.object} is not on ${state.resource.host}`;
      conflict(draft, state.resource, `${message}, and its pull policy is never`);
    } else if (declared.has(address)) draft.unchanged.push(address);
  }
}

function stateOf(draft: PlanDraft, resource: ImageState["resource"]): ImageState {
  const { spec } = resource;
  const seen = hostOf(draft, resource).images.get(spec.name);
  const target = draft.images.get(imageKey(resource.host, spec.name));
  const there: ImageState = { resource, cause: "", missing: false };
  if (seen?.Id !== undefined) there.id = seen.Id;
  if (target?.from === "deliver") {
    if (seen?.Id === target.id) return there;
    const cause = seen?.Id
      ? `its content changed, ${shortId(seen.Id)} -> ${shortId(target.id!)}`
      : "is not on the host";
    return { resource, id: target.id!, action: "deliver", cause, missing: !seen };
  }
  const absent = { resource, missing: !seen };
  if (target?.from === "host" || spec.pull === "never") {
    return seen ? there : { ...absent, cause: "is not on the host" };
  }
  if (!seen) return { ...absent, action: "pull", cause: "is not on the host" };
  if (spec.platform !== undefined && !ofPlatform(seen, spec.platform)) {
    const has = `${seen.Os}/${seen.Architecture}`;
    return { ...absent, action: "pull", cause: `the host has it for ${has}` };
  }
  const digest = spec.pull === "always" ? target?.digest : undefined;
  if (digest === undefined || hasDigest(seen, digest)) return there;
  return { ...absent, action: "pull", cause: `the registry has ${shortId(digest)}` };
}

function hasDigest(seen: ImageInspect, digest: string): boolean {
  return (seen.RepoDigests ?? []).some((one) => one.endsWith(`@${digest}`)) || seen.Id === digest;
}

function ofPlatform(seen: ImageInspect, platform: string): boolean {
  const [os, architecture, variant] = platform.split("/");
  return (
    seen.Os === os &&
    seen.Architecture === architecture &&
    (variant === undefined || !seen.Variant || seen.Variant === variant)
  );
}
