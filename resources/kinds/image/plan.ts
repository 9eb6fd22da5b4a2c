// What happens to images: which are there, which are pulled or delivered, and what containers get.
import type { ImageInspect } from "@docker/node-sdk";
import { familiarReference, parseReference, shortId } from "../../model/reference.ts";
import { BUILD_LABEL, buildCause, buildLabel, labelledParts } from "../../plan/build.ts";
import {
  conflict,
  hostOf,
  operate,
  operationsOf,
  type PlanDraft,
  resourceAt,
} from "../../plan/draft.ts";
import { type ImageTarget, imageKey } from "../../plan/observed.ts";
import { addressOf, type Placed } from "../../plan/resource.ts";
import type { ImageSpec } from "./image.ts";

export interface ImageState {
  /** Id under the name once the plan has run; undefined while it is not known. */
  id?: string;
  /** What brings it, and why; absent when it is there. */
  action?: "pull" | "deliver" | "build";
  /** For `deliver`: the host that has built it. */
  builtOn?: string;
  cause: string;
  /** The host lacks the name; a container that runs from it goes on. */
  missing: boolean;
}

/** Plans an image that the stack declares; a base is brought with what is built on it. */
export function planImage(draft: PlanDraft, resource: Placed<ImageSpec>): void {
  const target = draft.images.get(imageKey(resource.host, resource.spec.name));
  const isElsewhere = target?.build !== undefined && target.build.host !== resource.host;
  if (!(resource.isBase && isElsewhere)) bringImage(draft, resource);
}

/** Plans what brings an image that is declared, or from which a container is made. */
export function bringImage(draft: PlanDraft, resource: Placed<ImageSpec>): void {
  const address = addressOf(resource);
  if (operationsOf(draft, resource.host, "image", resource.name).length > 0) return;
  const state = imageState(draft, resource);
  if (state.action) {
    const { id, builtOn } = state;
    operate(draft, resource, state.action, state.cause, {
      ...(id === undefined ? {} : { image: id }),
      ...(builtOn === undefined ? {} : { builtOn }),
      dependsOn: state.action === "pull" ? [] : broughtBefore(draft, resource, builtOn),
    });
  } else if (state.missing) {
    const message = `${resource.object} is not on ${resource.host}`;
    conflict(draft, resource, `${message}, and its pull policy is never`);
  } else if (draft.declared.has(address) && !draft.unchanged.includes(address)) {
    draft.unchanged.push(address);
  }
}

/** What an image is built on, or where it is built: planned first; the ids of the operations. */
function broughtBefore(
  draft: PlanDraft,
  { host, spec, object }: Placed<ImageSpec>,
  builtOn: string | undefined,
): string[] {
  const bases =
    builtOn === undefined ? imagesAmong(spec.build?.contexts).map((name) => [host, name]) : [];
  const all = builtOn === undefined ? bases : [[builtOn, object]];
  return all.flatMap(([at = "", name = ""]) => {
    const found = resourceAt(draft, at, { kind: "image", object: name });
    if (found === undefined) return [];
    bringImage(draft, found as Placed<ImageSpec>);
    return operationsOf(draft, at, "image", found.name);
  });
}

/** The contexts of a build that are images, by their names. */
export function imagesAmong(contexts: Readonly<Record<string, string>> | undefined): string[] {
  return Object.values(contexts ?? {}).flatMap((one) =>
    one.startsWith(IMAGE_CONTEXT)
      ? familiarReference(parseReference(one.slice(IMAGE_CONTEXT.length)))
      : [],
  );
}

const IMAGE_CONTEXT = "docker-image://";

/** Whether an image is there, and what brings it if not. */
export function imageState(draft: PlanDraft, resource: Placed<ImageSpec>): ImageState {
  const { spec } = resource;
  const seen = hostOf(draft, resource).images.get(spec.name);
  const target = draft.images.get(imageKey(resource.host, spec.name));
  const there: ImageState = { cause: "", missing: false };
  if (seen?.Id !== undefined) there.id = seen.Id;
  if (target?.from === "deliver") {
    if (seen?.Id === target.id) return there;
    const cause = seen?.Id
      ? `its content changed, ${shortId(seen.Id)} -> ${shortId(target.id!)}`
      : "is not on the host";
    return { id: target.id!, action: "deliver", cause, missing: !seen };
  }
  if (target?.from === "build") return builtState(draft, resource, target.build!);
  const absent = { missing: !seen };
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

function builtState(
  draft: PlanDraft,
  resource: Placed<ImageSpec>,
  { host, parts, files = [] }: NonNullable<ImageTarget["build"]>,
): ImageState {
  const { name } = resource.spec;
  const seen = hostOf(draft, resource).images.get(name);
  const missing = !seen;
  if (host !== resource.host) {
    const there = hostOf(draft, { host }).images.get(name);
    const first = imageState(draft, { ...resource, host });
    const id = first.action === undefined ? there?.Id : undefined;
    if (id !== undefined && seen?.Id === id) return { id, cause: "", missing };
    const cause = missing ? "is not on the host" : first.cause || `${host} has another one`;
    const state: ImageState = { action: "deliver", builtOn: host, cause, missing };
    return id === undefined ? state : { ...state, id };
  }
  if (!seen) return { action: "build", cause: "is not on the host", missing };
  const label = seen.Config?.Labels?.[BUILD_LABEL];
  if (label !== buildLabel(parts)) {
    return { action: "build", cause: buildCause(labelledParts(label), parts, files), missing };
  }
  if (draft.options.rebuild) return { action: "build", cause: "is built anew as asked", missing };
  return { ...(seen.Id === undefined ? {} : { id: seen.Id }), cause: "", missing };
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
