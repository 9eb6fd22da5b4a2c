// The diff of a container: which fields it has, how the host shows them, and what a change means.
import type { ContainerInspectResponse } from "@docker/node-sdk";
import type { Normal, NormalSpec } from "../../../model/canonical.ts";
import type { Change, FieldChange } from "../../../model/change.ts";
import { shortId } from "../../../model/reference.ts";
import {
  type Comparison,
  changeOf,
  type DiffContext,
  diffFields,
  rulesOf,
} from "../../../plan/diff.ts";
import { comparisonBy } from "../../../plan/facet.ts";
import { lastApplied, saltOf } from "../../../plan/ownership.ts";
import { type ContainerSpec, container } from "../container.ts";
import { containerFacets, type FacetField, normalContainer } from "../docker/container.ts";

export interface ContainerDiffContext extends DiffContext {
  /** Id that the image reference stands for; undefined when it is not known or does not matter. */
  imageId: string | undefined;
  /** The image is fetched or made by this plan and its id is not known yet. */
  imagePending: boolean;
  /** What brings it then: `pulled` by default. */
  imageComes?: string | undefined;
  /** Names of networks that this project owns; the container leaves those it no longer names. */
  ownNetworks: ReadonlySet<string>;
}

const RULES = rulesOf(container);

/** These are compared by more than their values: an image by content, networks by who owns them. */
function isApart(field: string): boolean {
  return field === "image" || field === "networks";
}

/** What has to be done so that a container is as declared; names in the spec are the host's. */
export function diffContainer(
  spec: ContainerSpec,
  seen: ContainerInspectResponse,
  context: ContainerDiffContext,
): Change {
  const desired = normalContainer(spec);
  const last = lastApplied(seen.Config?.Labels);
  const own = Object.keys(containerFacets).filter((field) => !isApart(field));
  const comparisons: Comparison[] = [
    { field: "name", rule: RULES.name!, compare: "whole", observed: seen.Name?.replace(/^\//, "") },
    ...own.map((field) =>
      facetComparison(field as FacetField, seen, context, last[field] as Normal),
    ),
  ];
  const changes = [
    ...imageChanges(spec, seen, context),
    ...diffFields(desired, last, comparisons, saltOf(context.project, context.name)),
    ...networkChanges(desired, last, seen, context),
  ];
  return changeOf(changes);
}

/** The same for a container that is looked at by itself, without the images of its host. */
export function diffAlone(
  spec: ContainerSpec,
  seen: ContainerInspectResponse,
  context: DiffContext,
): Change {
  const imageId = imageToCompare(spec, seen);
  const more = { imageId, imagePending: false, ownNetworks: new Set<string>() };
  return diffContainer(spec, seen, { ...context, ...more });
}

// A reference by id is compared with the id; a name only says where the image came from.
function imageToCompare(spec: ContainerSpec, seen: ContainerInspectResponse): string | undefined {
  if (spec.image.startsWith("sha256:")) return spec.image;
  return seen.Config?.Image === spec.image ? undefined : spec.image;
}

function imageChanges(
  spec: ContainerSpec,
  seen: ContainerInspectResponse,
  context: ContainerDiffContext,
): FieldChange[] {
  const { imageId, imagePending, imageComes = "pulled" } = context;
  if (imageId === undefined ? !imagePending : imageId === seen.Image) return [];
  const to = imageId === undefined ? `to be ${imageComes}` : shortId(imageId);
  return [
    {
      field: "image",
      from: `${seen.Config?.Image ?? ""} ${shortId(seen.Image ?? "")}`.trim(),
      to: `${spec.image} ${to}`,
      rule: "replace",
      cause: "declared",
    },
  ];
}

// Joining and leaving a network is live, except between networks and the other network modes.
function networkChanges(
  desired: NormalSpec,
  last: ReturnType<typeof lastApplied>,
  seen: ContainerInspectResponse,
  context: ContainerDiffContext,
): FieldChange[] {
  const comparison = facetComparison("networks", seen, context);
  const joined = Object.keys((comparison.observed ?? {}) as object);
  const declared = (desired.networks ?? {}) as Record<string, unknown>;
  const mode = seen.HostConfig?.NetworkMode ?? "default";
  const other = !joined.includes(mode) && ["default", "bridge", "host", "none"].includes(mode);
  const fromOther = (other || mode === "bridge") && !Object.hasOwn(declared, mode);
  const switched =
    (desired.networks !== undefined && fromOther && mode !== "none") ||
    (desired.networks === undefined && last.networks !== undefined);
  const known = { ...(last.networks as object | undefined) } as Record<string, null>;
  if (desired.networks !== undefined) {
    for (const name of joined) {
      if (context.ownNetworks.has(name) && !Object.hasOwn(known, name)) known[name] = null;
    }
  }
  const sides = { ...last, ...(Object.keys(known).length > 0 ? { networks: known } : {}) };
  const salt = saltOf(context.project, context.name);
  const changes = diffFields(desired, sides, [comparison], salt);
  return switched ? changes.map((change) => ({ ...change, rule: "replace" as const })) : changes;
}

function facetComparison(
  field: FacetField,
  seen: ContainerInspectResponse,
  context: DiffContext,
  last?: Normal,
): Comparison {
  return comparisonBy(field, RULES[field]!, containerFacets[field], seen, context, last);
}
