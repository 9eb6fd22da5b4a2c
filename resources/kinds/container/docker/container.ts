// A container between its spec and Docker's shapes: creation, live update, normal form, reading.
import type { ContainerInspectResponse, ContainerUpdateRequest } from "@docker/node-sdk";
import { isKeyed, type Normal, type NormalSpec } from "../../../model/canonical.ts";
import type { ContainerSpec } from "../container.ts";
import type { Draft, Facet } from "./facet.ts";
import { fileFacets } from "./file-facets.ts";
import { limitFacets } from "./limit-facets.ts";
import { networkFacets } from "./network-facets.ts";
import { processFacets, restartPolicy } from "./process-facets.ts";

/** Fields that steer fairlead or are no part of the container itself. */
type Apart =
  | "name"
  | "image"
  | "platform"
  | "pull"
  | "job"
  | "settle"
  | "healthTimeout"
  | "replaceOrder";
export type FacetField = Exclude<keyof ContainerSpec, Apart>;

// The type demands a facet for every field of the declaration: none can be accepted and ignored.
const FACETS: { [F in FacetField]-?: Facet<NonNullable<ContainerSpec[F]>> } = {
  ...processFacets,
  ...fileFacets,
  ...networkFacets,
  ...limitFacets,
};

/** Every facet by field, for the diff. */
export const containerFacets = FACETS as unknown as Record<FacetField, Facet<unknown>>;

/** The creation of a container whose names are those of the host. */
export function createRequest(spec: ContainerSpec, ownLabels: Record<string, string>): Draft {
  const draft: Draft = { Image: spec.image, Labels: { ...ownLabels }, HostConfig: {} };
  for (const [field, facet] of Object.entries(containerFacets)) {
    const value = spec[field as FacetField];
    if (value !== undefined) facet.write(value, draft);
  }
  return draft;
}

/**
 * The live update of limits and restart policy. Memory and swap go together, because an engine
 * refuses a memory limit above the swap limit that it has derived from the old one.
 */
export function updateRequest(spec: ContainerSpec): ContainerUpdateRequest {
  const draft: Draft = { Labels: {}, HostConfig: {} };
  const live = [
    "cpus",
    "cpuShares",
    "cpuset",
    "memory",
    "memoryReservation",
    "memorySwap",
  ] as const;
  for (const field of live) {
    if (spec[field] !== undefined) containerFacets[field].write(spec[field], draft);
  }
  const request: ContainerUpdateRequest = { ...(draft.HostConfig as ContainerUpdateRequest) };
  if (spec.memory !== undefined && spec.memorySwap === undefined) {
    request.MemorySwap = spec.memory * 2;
  }
  request.PidsLimit = spec.pidsLimit ?? -1;
  request.RestartPolicy = restartPolicy(spec.restart ?? "no");
  return request;
}

/** The comparable form of everything that is set. */
export function normalContainer(spec: ContainerSpec): NormalSpec {
  const normal: NormalSpec = { image: spec.image };
  if (spec.name !== undefined) normal.name = spec.name;
  if (spec.platform !== undefined) normal.platform = spec.platform;
  for (const [field, facet] of Object.entries(containerFacets)) {
    const value = spec[field as FacetField];
    if (value !== undefined) normal[field] = facet.normal(value);
  }
  if (isKeyed(normal.networks)) {
    normal.networks = Object.fromEntries(
      Object.entries(normal.networks).map(([name, one]) => [name, withoutOwnName(one, spec.name)]),
    );
  }
  return normal;
}

// A container is found by its name in every network, so an alias of that name says nothing.
function withoutOwnName(attachment: Normal, own: string | undefined): Normal {
  if (!isKeyed(attachment) || !Array.isArray(attachment.aliases)) return attachment;
  return { ...attachment, aliases: attachment.aliases.filter((alias) => alias !== own) };
}

/** The comparable form of everything that an engine shows. */
export function shownContainer(seen: ContainerInspectResponse): NormalSpec {
  const fields = Object.entries(containerFacets).map(([field, facet]) => [field, facet.read(seen)]);
  return {
    name: seen.Name?.replace(/^\//, ""),
    image: seen.Config?.Image ?? seen.Image,
    ...Object.fromEntries(fields),
  };
}
