// A container between its spec and Docker's shapes: creation, live update, normal form, reading.
import type {
  ContainerInspectResponse,
  ContainerUpdateRequest,
  ImageInspect,
} from "@docker/node-sdk";
import { isKeyed, type Normal, type NormalSpec } from "../../../model/canonical.ts";
import { fieldsOf } from "../../../model/schema.ts";
import { normalBy, shownBy, writeBy } from "../../../plan/facet.ts";
import { type ContainerSpec, container, type SteeringField } from "../container.ts";
import type { Draft, Facet } from "./facet.ts";
import { fileFacets } from "./file-facets.ts";
import { limitFacets } from "./limit-facets.ts";
import { networkFacets } from "./network-facets.ts";
import { processFacets } from "./process-facets.ts";

/** The fields that are part of the container; its name stands beside every request. */
export type FacetField = Exclude<keyof ContainerSpec, SteeringField | "name">;

// The type demands a facet for every field of the declaration: none can be accepted and ignored.
const FACETS: { [F in FacetField]-?: Facet<NonNullable<ContainerSpec[F]>> } = {
  ...processFacets,
  ...fileFacets,
  ...networkFacets,
  ...limitFacets,
};

/** Every facet by field, for the diff. */
export const containerFacets = FACETS as unknown as Record<FacetField, Facet<unknown>>;

/** The fields that one request changes on a running container. */
export const LIVE_FIELDS: readonly FacetField[] = [...fieldsOf(container)].flatMap(
  ([name, { rule }]) => {
    const facet = containerFacets[name as FacetField];
    return rule === "update" && facet && !facet.alone ? [name as FacetField] : [];
  },
);

/** The creation of a container whose names are those of the host. */
export function createRequest(spec: ContainerSpec, ownLabels: Record<string, string>): Draft {
  return writeBy(containerFacets, spec, { Labels: { ...ownLabels }, HostConfig: {} } as Draft);
}

/**
 * The live update of limits and restart policy. Memory and swap go together, because an engine
 * refuses a memory limit above the swap limit that it has derived from the old one.
 */
export function updateRequest(spec: ContainerSpec): ContainerUpdateRequest {
  const draft: Draft = { Labels: {}, HostConfig: {} };
  for (const field of LIVE_FIELDS) {
    const { write, clear } = containerFacets[field];
    const value = spec[field] ?? clear;
    if (value !== undefined) write(value, draft);
  }
  const request: ContainerUpdateRequest = { ...(draft.HostConfig as ContainerUpdateRequest) };
  if (spec.memory !== undefined && spec.memorySwap === undefined) {
    request.MemorySwap = spec.memory * 2;
  }
  return request;
}

/** The comparable form of everything that is set. */
export function normalContainer(spec: ContainerSpec): NormalSpec {
  const normal = normalBy(containerFacets, spec);
  if (spec.name !== undefined) normal.name = spec.name;
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
  return { name: seen.Name?.replace(/^\//, ""), ...shownBy(containerFacets, seen) };
}

/** What a container shows that its image sets, or that is its id: nothing that was declared. */
export function inheritedFields(
  seen: ContainerInspectResponse,
  image: ImageInspect | undefined,
): NormalSpec {
  const Config = { Hostname: seen.Id?.slice(0, 12), ...image?.Config };
  const alike = { ...seen, Config } as ContainerInspectResponse;
  const inherited = Object.entries(containerFacets).filter(([, facet]) => facet.inherited);
  return Object.fromEntries(inherited.map(([field, facet]) => [field, facet.read(alike)]));
}
