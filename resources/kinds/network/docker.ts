// A network between its spec and Docker's shapes.
import type { NetworkCreateRequest, NetworkInspect } from "@docker/node-sdk";
import type { Normal, NormalSpec } from "../../model/canonical.ts";
import { type Facet, isOneOf, labelsFacet, listedBy, normalBy, writeBy } from "../../plan/facet.ts";
import { userLabels } from "../../plan/ownership.ts";
import type { NetworkSpec } from "./network.ts";

type NetworkFacet<V> = Facet<V, NetworkInspect, NetworkCreateRequest>;

// The type demands a facet for every field of the declaration.
export const networkFacets: {
  [F in keyof NetworkSpec]-?: NetworkFacet<NonNullable<NetworkSpec[F]>>;
} = {
  name: {
    write: (value, into) => {
      into.Name = value;
    },
    normal: (value) => value,
    read: ({ Name }) => Name,
    compare: "whole",
  },
  driver: {
    write: (value, into) => {
      into.Driver = value;
    },
    normal: (value) => value,
    read: ({ Driver }) => Driver ?? "bridge",
    compare: "whole",
    isUnset: isOneOf("bridge"),
  },
  driverOpts: {
    write: (value, into) => {
      into.Options = value;
    },
    normal: (value) => value,
    read: ({ Options }) => Options ?? {},
    compare: "keys",
  },
  internal: flag("Internal"),
  attachable: flag("Attachable"),
  enableIpv6: flag("EnableIPv6"),
  ipamDriver: {
    write: (value, into) => {
      into.IPAM = { Config: [], ...into.IPAM, Driver: value };
    },
    normal: (value) => value,
    read: ({ IPAM }) => IPAM?.Driver ?? "default",
    compare: "whole",
    isUnset: isOneOf("default"),
  },
  subnets: {
    write: (value, into) => {
      into.IPAM = { Driver: "default", ...into.IPAM, Config: value.map(pool) };
    },
    normal: (value) => {
      const keyed = value.map(({ subnet, ...rest }): [string, Normal] => [subnet, rest]);
      return Object.fromEntries(keyed);
    },
    read: ({ IPAM }) => Object.fromEntries((IPAM?.Config ?? []).map(seenPool)),
    compare: "keys",
    declared: listedBy("subnet"),
  },
  labels: labelsFacet(({ Labels }) => userLabels(Labels)),
};

/** The creation of a network. */
export function createNetworkRequest(
  name: string,
  spec: NetworkSpec,
  ownLabels: Record<string, string>,
): NetworkCreateRequest {
  const request = { Name: name, Driver: "bridge", Labels: { ...ownLabels } };
  return writeBy(networkFacets, { ...spec, name }, request);
}

/** The comparable form of everything that is set. */
export function normalNetwork(spec: NetworkSpec): NormalSpec {
  return normalBy(networkFacets, spec);
}

function flag(key: "Internal" | "Attachable" | "EnableIPv6"): NetworkFacet<boolean> {
  return {
    write: (value, into) => {
      into[key] = value;
    },
    normal: (value) => value,
    read: (seen) => seen[key] ?? false,
    compare: "whole",
  };
}

function pool(one: NonNullable<NetworkSpec["subnets"]>[number]) {
  return {
    Subnet: one.subnet,
    ...(one.gateway === undefined ? {} : { Gateway: one.gateway }),
    ...(one.ipRange === undefined ? {} : { IPRange: one.ipRange }),
    ...(one.auxAddresses === undefined ? {} : { AuxiliaryAddresses: one.auxAddresses }),
  };
}

type SeenPool = NonNullable<NonNullable<NetworkInspect["IPAM"]>["Config"]>[number];

function seenPool(seen: SeenPool): [string, Normal] {
  const { AuxiliaryAddresses } = seen as { AuxiliaryAddresses?: Record<string, string> };
  return [
    seen.Subnet ?? "",
    {
      gateway: seen.Gateway || undefined,
      ipRange: seen.IPRange || undefined,
      auxAddresses: AuxiliaryAddresses ?? undefined,
    },
  ];
}
