// What happens to images: which are there, which are pulled or delivered, and what containers get.
import type { ImageInspect } from "@docker/node-sdk";
import { shortId } from "../../model/reference.ts";
import { conflict, hostOf, operate, operationsOf, type PlanDraft } from "../../plan/draft.ts";
import { imageKey } from "../../plan/observed.ts";
import { addressOf, type Placed } from "../../plan/resource.ts";
import type { ImageSpec } from "./image.ts";

export interface ImageState {
  /** Id under the name once the plan has run; undefined while it is not known. */
  id?: string;
  /** What brings it, and why; absent when it is there. */
  action?: "pull" | "deliver";
  cause: string;
  /** The host lacks the name; a container that runs from it goes on. */
  missing: boolean;
}

/** Plans what brings an image that is declared, or from which a container is made. */
export function bringImage(draft: PlanDraft, resource: Placed<ImageSpec>): void {
  const address = addressOf(resource);
  if (operationsOf(draft, resource.host, "image", resource.name).length > 0) return;
  const state = imageState(draft, resource);
  if (state.action) {
    operate(draft, resource, state.action, state.cause, {
      ...(state.id === undefined ? {} : { image: state.id }),
    });
  } else if (state.missing) {
    const message = `${resource.object} is not on ${resource.host}`;
    conflict(draft, resource, `${message}, and its pull policy is never`);
  } else if (draft.declared.has(address) && !draft.unchanged.includes(address)) {
    draft.unchanged.push(address);
  }
}

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
