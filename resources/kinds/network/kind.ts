// The kind "network": what stacks, plans and front ends know of networks.
import type { NetworkInspect } from "@docker/node-sdk";
import { capabilityProblems } from "../../plan/capability.ts";
import { changeOf, type DiffContext } from "../../plan/diff.ts";
import { conflict, hostOf, type PlanDraft } from "../../plan/draft.ts";
import { changesBy, shownBy } from "../../plan/facet.ts";
import type { KindEntry } from "../../plan/kind.ts";
import { planLabelled } from "../../plan/labelled.ts";
import { ownerOf } from "../../plan/ownership.ts";
import type { Placed } from "../../plan/resource.ts";
import { networkCapabilities } from "./capabilities.ts";
import { networkFacets, normalNetwork } from "./docker.ts";
import { type NetworkInput, type NetworkSpec, network } from "./network.ts";

/** What has to be done so that a network is as declared. */
export function diffNetwork(spec: NetworkSpec, seen: NetworkInspect, context: DiffContext) {
  const sides = { desired: normalNetwork(spec), seen, labels: seen.Labels };
  return changeOf(changesBy(network, networkFacets, sides, context));
}

export const networkKind: KindEntry<NetworkSpec, NetworkInspect, NetworkInput> = {
  kind: "network",
  title: "Network",
  doc: "A network on a host.",
  about: "A network on a host, which containers join by name.",
  example: "backend",
  sample: { name: "front", spec: { subnets: [{ subnet: "10.5.0.0/24" }] } },
  type: network,
  facets: networkFacets,
  facts: [
    {
      name: "networkId",
      doc: "Id of the network on the host.",
      ...{ type: "text", changes: "withObject", isId: true, of: ({ Id }) => Id ?? "" },
    },
  ],
  join: "_",
  owned: true,
  holdsData: false,
  replaces: true,
  runs: false,
  placed: (spec) => spec,
  needs: () => [],
  refusals: (resource, facts) => capabilityProblems(networkCapabilities, resource, facts),
  asksDrivers: ({ driver, driverOpts, ipamDriver, enableIpv6 }) =>
    (driver ?? driverOpts ?? ipamDriver ?? enableIpv6) !== undefined,
  seenOn: ({ networks }) => networks,
  find: ({ networks }, name) => networks.find(({ Name }) => Name === name),
  nameOf: ({ Name }) => Name ?? "",
  idOf: ({ Id }) => Id ?? "",
  labelsOf: ({ Labels }) => Labels,
  normal: normalNetwork,
  shown: (seen) => shownBy(networkFacets, seen),
  diff: diffNetwork,
  plan: (draft, resource) =>
    planLabelled(draft, resource, networkKind, (seen) => refuseGuests(draft, resource, seen)),
};

// To make a network anew, everything must leave it; what is not the project's is not touched.
function refuseGuests(draft: PlanDraft, resource: Placed, seen: NetworkInspect): void {
  const { containers } = hostOf(draft, resource);
  const guests = Object.entries(seen.Containers ?? {}).filter(([id]) => {
    const container = containers.find(({ Id }) => Id === id);
    return ownerOf(container?.Config?.Labels)?.project !== draft.project;
  });
  if (guests.length === 0) return;
  const names = guests.map(([id, { Name }]) => Name ?? id.slice(0, 12)).join(", ");
  conflict(
    draft,
    resource,
    `network ${resource.object} must be made anew, but ${names} of others is attached to it`,
    "Detach it, or take the edit back.",
  );
}
