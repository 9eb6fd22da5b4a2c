// The diff of each resource: which fields it has, how the host shows them, and what a change means.
import type {
  ContainerInspectResponse,
  NetworkInspect,
  Volume as SeenVolume,
} from "@docker/node-sdk";
import type { NormalSpec } from "../model/canonical.ts";
import type { Change, FieldChange } from "../model/change.ts";
import { FairleadError } from "../model/errors.ts";
import { type ChangeRule, fieldsOf } from "../model/schema.ts";
import { Secret } from "../model/secret.ts";
import { type Comparison, diffFields } from "../plan/diff.ts";
import { lastApplied, saltOf } from "../plan/ownership.ts";
import { type ContainerSpec, container } from "./container/container.ts";
import { containerFacets, type FacetField, normalContainer } from "./container/docker/container.ts";
import { type HostSpec, hostFields } from "./host/host.ts";
import { normalNetwork, seenNetwork } from "./network/docker.ts";
import { type NetworkSpec, network } from "./network/network.ts";
import { normalVolume, seenVolume } from "./volume/docker.ts";
import { type VolumeSpec, volume } from "./volume/volume.ts";

/** Who is compared: the identity that salts secrets, and what the engine can edit. */
export interface DiffContext {
  project: string;
  /** Resource name. */
  name: string;
  /** Whether the engine can edit labels of an existing object. */
  editsLabels: boolean;
}

export interface ContainerDiffContext extends DiffContext {
  /** Id that the image reference stands for; undefined when it is not known or does not matter. */
  imageId: string | undefined;
  /** The image is fetched or made by this plan and its id is not known yet. */
  imagePending: boolean;
  /** Names of networks that this project owns; the container leaves those it no longer names. */
  ownNetworks: ReadonlySet<string>;
}

const RULES = {
  container: rulesOf(fieldsOf(container)),
  network: rulesOf(fieldsOf(network)),
  volume: rulesOf(fieldsOf(volume)),
};
const KEYED = new Set(["driverOpts", "labels", "subnets"]);

/** What has to be done so that a container is as declared; names in the spec are the host's. */
export function diffContainer(
  spec: ContainerSpec,
  seen: ContainerInspectResponse,
  context: ContainerDiffContext,
): Change {
  const desired = normalContainer(spec);
  const last = lastApplied(seen.Config?.Labels);
  const comparisons: Comparison[] = [
    plain("name", "update", seen.Name?.replace(/^\//, "")),
    plain("platform", "replace", undefined),
    ...Object.keys(containerFacets)
      .filter((field) => field !== "networks")
      .map((field) => facetComparison(field as FacetField, seen, context)),
  ];
  const changes = [
    ...imageChanges(spec, seen, context),
    ...diffFields(desired, last, comparisons, saltOf(context.project, context.name)),
    ...networkChanges(desired, last, seen, context),
  ];
  return changeOf(changes);
}

/** What has to be done so that a network is as declared. */
export function diffNetwork(spec: NetworkSpec, seen: NetworkInspect, context: DiffContext): Change {
  const desired = normalNetwork(spec);
  const observed = seenNetwork(seen);
  const comparisons = comparisonsOf(RULES.network, observed, context.editsLabels);
  const salt = saltOf(context.project, context.name);
  return changeOf(diffFields(desired, lastApplied(seen.Labels), comparisons, salt));
}

/** What has to be done so that a volume is as declared; refuses whatever would cost its data. */
export function diffVolume(spec: VolumeSpec, seen: SeenVolume, context: DiffContext): Change {
  const desired = normalVolume(spec);
  const comparisons = comparisonsOf(RULES.volume, seenVolume(seen), true);
  const salt = saltOf(context.project, context.name);
  const changes = diffFields(desired, lastApplied(seen.Labels), comparisons, salt);
  const refused = changes.filter(({ rule, field }) => {
    return rule === "refuse" || (!context.editsLabels && field.startsWith("labels"));
  });
  if (refused.length === 0) return changeOf(changes);
  const names = refused.map(({ field }) => field).join(", ");
  const error = new FairleadError(
    "conflict",
    `volume ${seen.Name}: ${names} cannot be changed without destroying its data`,
    {
      path: `volumes.${context.name}`,
      hint: "Take the edit back, or declare a volume of another name and move the data.",
    },
  );
  return { action: "refuse", fields: refused, error };
}

/** What differs in how a host is reached; never a reason to touch what runs on it. */
export function diffHost(spec: HostSpec, last: HostSpec): FieldChange[] {
  const hide = (value: unknown): string | undefined =>
    value === undefined
      ? undefined
      : value instanceof Secret
        ? value.reveal()
        : JSON.stringify(value);
  return [...fieldsOf(hostFields)].flatMap(([field, meta]) => {
    const [from, to] = [last, spec].map((side) => hide(side[field as keyof HostSpec]));
    if (from === to) return [];
    const shown = (text: string) => (meta.secret || field === "proxy" ? "[secret]" : text);
    return [
      {
        field,
        ...(from === undefined ? {} : { from: shown(from) }),
        ...(to === undefined ? {} : { to: shown(to) }),
        rule: meta.rule,
        cause: "declared" as const,
      },
    ];
  });
}

/** `sha256:1a2b3c4d5e6f`: enough of an id for a person. */
export function shortId(id: string): string {
  return id.replace(/^(sha256:)?([0-9a-f]{12})[0-9a-f]*$/, "$1$2");
}

function imageChanges(
  spec: ContainerSpec,
  seen: ContainerInspectResponse,
  context: ContainerDiffContext,
): FieldChange[] {
  const { imageId, imagePending } = context;
  if (imageId === undefined ? !imagePending : imageId === seen.Image) return [];
  const to = imageId === undefined ? "to be pulled" : shortId(imageId);
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
): Comparison {
  const facet = containerFacets[field];
  const rule = field === "labels" && !context.editsLabels ? "replace" : RULES.container[field]!;
  return {
    field,
    rule,
    compare: facet.compare,
    observed: facet.read(seen),
    ...(facet.clear === undefined ? {} : { clear: facet.clear }),
  };
}

function comparisonsOf(
  rules: Record<string, ChangeRule>,
  observed: NormalSpec,
  editsLabels: boolean,
): Comparison[] {
  return Object.entries(rules).map(([field, rule]) => ({
    field,
    rule: field === "labels" && !editsLabels ? "replace" : rule,
    compare: KEYED.has(field) ? "keys" : "whole",
    observed: observed[field],
  }));
}

function changeOf(fields: FieldChange[]): Change {
  if (fields.length === 0) return { action: "unchanged" };
  const action = fields.some(({ rule }) => rule === "replace") ? "replace" : "update";
  return { action, fields };
}

function plain(field: string, rule: ChangeRule, observed: string | undefined): Comparison {
  return { field, rule, compare: "whole", observed };
}

function rulesOf(fields: Map<string, { rule: ChangeRule }>): Record<string, ChangeRule> {
  return Object.fromEntries([...fields].map(([name, { rule }]) => [name, rule]));
}
