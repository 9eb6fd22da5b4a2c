// What the four kinds of objects on a host show of themselves, and how one is compared with its
// declaration: for front ends whose tool keeps the state of every object by itself.
import type {
  ContainerInspectResponse,
  ImageInspect,
  NetworkInspect,
  Volume,
} from "@docker/node-sdk";
import type { ContainerSpec } from "../../../resources/kinds/container/container.ts";
import {
  containerFacets,
  normalContainer,
} from "../../../resources/kinds/container/docker/container.ts";
import { seenPorts } from "../../../resources/kinds/container/docker/network-facets.ts";
import {
  type DiffContext,
  diffContainer,
  diffNetwork,
  diffVolume,
} from "../../../resources/kinds/diff-resource.ts";
import { normalNetwork } from "../../../resources/kinds/network/docker.ts";
import type { NetworkSpec } from "../../../resources/kinds/network/network.ts";
import { SHAPED } from "../../../resources/kinds/shape.ts";
import { normalVolume } from "../../../resources/kinds/volume/docker.ts";
import type { VolumeSpec } from "../../../resources/kinds/volume/volume.ts";
import type { NormalSpec } from "../../../resources/model/canonical.ts";
import type { Change } from "../../../resources/model/change.ts";
import type { Kind } from "../../../resources/model/kind.ts";
import type { ObservedHost } from "../../../resources/plan/observed.ts";

export interface SeenOf {
  container: ContainerInspectResponse;
  network: NetworkInspect;
  volume: Volume;
  image: ImageInspect;
}

/** The object of a name among what was observed. */
export function find<K extends Kind>(
  host: ObservedHost,
  kind: K,
  name: string,
): SeenOf[K] | undefined {
  const named = (): SeenOf[Kind] | undefined => {
    switch (kind) {
      case "container":
        return host.containers.find(({ Name }) => Name?.replace(/^\//, "") === name);
      case "network":
        return host.networks.find((one) => one.Name === name);
      case "volume":
        return host.volumes.find((one) => one.Name === name);
      default:
        return host.images.get(name);
    }
  };
  return named() as SeenOf[K] | undefined;
}

/** The labels of what was seen. */
export function labelsOf(kind: Kind, seen: SeenOf[Kind]): Record<string, string> {
  const one = seen as { Labels?: Record<string, string>; Config?: SeenOf["volume"] };
  return (kind === "network" || kind === "volume" ? one.Labels : one.Config?.Labels) ?? {};
}

/** What a front end may show of an object beside its declaration; empty text for nothing. */
export function factsOf<K extends Kind>(kind: K, seen: SeenOf[K]): Record<string, unknown> {
  switch (kind) {
    case "container": {
      const one = seen as ContainerInspectResponse;
      const facts = { containerId: one.Id ?? "", imageId: one.Image ?? "", status: statusOf(one) };
      return { ...facts, addresses: addressesOf(one), publishedPort: publishedPort(one) };
    }
    case "network":
      return { networkId: (seen as NetworkInspect).Id ?? "" };
    case "volume":
      return { mountpoint: (seen as Volume).Mountpoint ?? "" };
    default: {
      const { Id, RepoDigests } = seen as ImageInspect;
      return { ref: Id ?? "", repoDigest: RepoDigests?.[0] ?? "" };
    }
  }
}

/** What differs between a declaration and what is on the host; an image has nothing to compare. */
export function differences<K extends Kind>(
  kind: K,
  spec: unknown,
  seen: SeenOf[K],
  context: DiffContext,
): Change {
  switch (kind) {
    case "container": {
      const own = spec as ContainerSpec;
      const one = seen as ContainerInspectResponse;
      const imageId = imageToCompare(own, one);
      const more = { imageId, imagePending: true, ownNetworks: new Set<string>() };
      return diffContainer(own, one, { ...context, ...more });
    }
    case "network":
      return diffNetwork(spec as NetworkSpec, seen as NetworkInspect, context);
    case "volume":
      return diffVolume(spec as VolumeSpec, seen as Volume, context);
    default:
      return { action: "unchanged" };
  }
}

/** The comparable form of a checked declaration. */
export function normalOf(kind: Kind, spec: unknown): NormalSpec {
  if (kind === "container") return normalContainer(spec as ContainerSpec);
  if (kind === "network") return normalNetwork(spec as NetworkSpec);
  return kind === "volume" ? normalVolume(spec as VolumeSpec) : { ...(spec as NormalSpec) };
}

/** The comparable form of one field's value; undefined when it is no valid value. */
export function meaningOf(kind: Kind, field: string, value: unknown): NormalSpec[string] {
  const type = (SHAPED[kind].shape as Record<string, { safeParse(value: unknown): Parsed }>)[field];
  const parsed = type?.safeParse(value);
  if (!parsed?.success) return undefined;
  const facet = kind === "container" ? (containerFacets as Facets)[field] : undefined;
  if (facet) return facet.normal(parsed.data as never);
  return normalOf(kind, { [field]: parsed.data })[field];
}

interface Parsed {
  success: boolean;
  data?: unknown;
}
type Facets = Record<string, { normal(value: never): NormalSpec[string] }>;

// A reference by id is compared with the id; a name only says where the image came from.
function imageToCompare(spec: ContainerSpec, seen: ContainerInspectResponse): string | undefined {
  if (spec.image.startsWith("sha256:")) return spec.image;
  return seen.Config?.Image === spec.image ? undefined : spec.image;
}

function statusOf(seen: ContainerInspectResponse): string {
  const { Status: status = "", ExitCode: code } = seen.State ?? {};
  const policy = seen.HostConfig?.RestartPolicy?.Name;
  const mayEnd = !policy || policy === "no" || policy === "on-failure";
  return status === "exited" && code === 0 && mayEnd ? "completed" : status;
}

function addressesOf(seen: ContainerInspectResponse): Record<string, string> {
  const joined = Object.entries(seen.NetworkSettings?.Networks ?? {});
  return Object.fromEntries(
    joined.flatMap(([name, { IPAddress, GlobalIPv6Address }]) => {
      const address = IPAddress || GlobalIPv6Address;
      return address ? [[name, address]] : [];
    }),
  );
}

// The host may have chosen the port, so what it shows counts before what was asked for.
function publishedPort(seen: ContainerInspectResponse): number | undefined {
  const bound = Object.entries(seen.NetworkSettings?.Ports ?? {}).flatMap(([key, list]) =>
    key.endsWith("/tcp") ? (list ?? []).map(({ HostPort }) => Number(HostPort)) : [],
  );
  const asked = seenPorts(seen).flatMap(({ protocol, published }) =>
    protocol === "tcp" && published !== undefined ? [published] : [],
  );
  return bound.find((port) => port > 0) ?? asked[0];
}
