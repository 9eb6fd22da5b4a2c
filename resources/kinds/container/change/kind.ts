// The kind "container": what stacks, plans and front ends know of containers.
import type { ContainerInspectResponse, ImageInspect } from "@docker/node-sdk";
import { capabilityProblems } from "../../../plan/capability.ts";
import type { KindEntry } from "../../../plan/kind.ts";
import { type ContainerInput, type ContainerSpec, container } from "../container.ts";
import {
  containerFacets,
  inheritedFields,
  normalContainer,
  shownContainer,
} from "../docker/container.ts";
import { containerCapabilities } from "./capabilities.ts";
import { diffAlone } from "./diff.ts";
import { containerFacts, WELL } from "./facts.ts";
import { needsOfContainer, placedContainer, renamedContainer } from "./needs.ts";
import { declaredOrder } from "./order.ts";
import { planContainer } from "./plan.ts";
import { containerProblems } from "./problems.ts";
import { runtimeProblems } from "./runtime.ts";
import { uncarriedOptions } from "./uncarried.ts";

/** Fields that not every host honours, whichever engine it has. */
const HOST_DEPENDENT = [
  ...(["runtime", "logging", "memory", "memoryReservation", "memorySwap"] as const),
  ...(["memorySwappiness", "oomKillDisable", "cpus", "cpuShares", "cpuset", "pidsLimit"] as const),
  ...(["cpuRealtimePeriod", "cpuRealtimeRuntime"] as const),
];

export const containerKind: KindEntry<ContainerSpec, ContainerInspectResponse, ContainerInput> = {
  kind: "container",
  title: "Container",
  doc: "A container on a host.",
  about:
    "A container on a host. A field that is not set is left to the image and the engine, and " +
    "never shows in a plan.",
  example: "web",
  sample: {
    name: "web",
    spec: { image: "nginx:1.27", ports: ["8080:80"], memory: "256m" },
  },
  type: container,
  facets: containerFacets,
  facts: containerFacts,
  join: "-",
  localFiles: "files",
  owned: true,
  holdsData: false,
  replaces: true,
  runs: true,
  well: WELL,
  placed: placedContainer,
  renamed: renamedContainer,
  needs: needsOfContainer,
  problems: containerProblems,
  refusals: (resource, facts) => [
    ...capabilityProblems(containerCapabilities, resource, facts),
    ...runtimeProblems(resource, facts),
  ],
  asksDrivers: (spec) => HOST_DEPENDENT.some((field) => spec[field] !== undefined),
  seenOn: ({ containers }) => containers,
  find: ({ containers }, name) => containers.find((one) => nameOf(one) === name),
  nameOf,
  idOf: ({ Id }) => Id ?? "",
  labelsOf: ({ Config }) => Config?.Labels,
  normal: normalContainer,
  shown: shownContainer,
  origin: {
    kind: "image",
    objectOf: ({ Image }) => Image,
    fieldsOf: (seen, image) => inheritedFields(seen, image as ImageInspect | undefined),
  },
  dataOf,
  uncarried: uncarriedOptions,
  diff: diffAlone,
  clashes: (spec, old) => declaredOrder(spec, old).first === "stop",
  plan: planContainer,
};

function dataOf({ Mounts }: ContainerInspectResponse): { named: string[]; nameless: string[] } {
  const volumes = (Mounts ?? []).flatMap(({ Type, Name, Destination }) =>
    Type === "volume" && Name !== undefined ? [{ Name, Destination }] : [],
  );
  const isNameless = ({ Name }: { Name: string }) => /^[0-9a-f]{64}$/.test(Name);
  return {
    named: volumes.filter((one) => !isNameless(one)).map(({ Name }) => Name),
    nameless: volumes
      .filter(isNameless)
      .map(({ Name, Destination }) => `${Name.slice(0, 12)} (${Destination})`),
  };
}

function nameOf({ Name }: ContainerInspectResponse): string {
  return Name?.replace(/^\//, "") ?? "";
}
