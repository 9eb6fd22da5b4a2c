// The kind "container": what stacks, plans and front ends know of containers.
import type { ContainerInspectResponse } from "@docker/node-sdk";
import type { KindEntry } from "../../../plan/kind.ts";
import { type ContainerInput, type ContainerSpec, container } from "../container.ts";
import {
  containerFacets,
  type FacetField,
  normalContainer,
  shownContainer,
} from "../docker/container.ts";
import { diffAlone } from "./diff.ts";
import { containerFacts } from "./facts.ts";
import { needsOfContainer, placedContainer } from "./needs.ts";
import { planContainer } from "./plan.ts";
import { containerProblems } from "./problems.ts";
import { uncarriedOptions } from "./uncarried.ts";

export const containerKind: KindEntry<ContainerSpec, ContainerInspectResponse, ContainerInput> = {
  kind: "container",
  title: "Container",
  doc: "A container on a host.",
  example: "web",
  type: container,
  facts: containerFacts,
  join: "-",
  owned: true,
  holdsData: false,
  replaces: true,
  runs: true,
  placed: placedContainer,
  needs: needsOfContainer,
  problems: containerProblems,
  seenOn: ({ containers }) => containers,
  find: ({ containers }, name) => containers.find((one) => nameOf(one) === name),
  nameOf,
  idOf: ({ Id }) => Id ?? "",
  labelsOf: ({ Config }) => Config?.Labels,
  normal: normalContainer,
  normalField: (field, value) => {
    const facet = containerFacets[field as FacetField];
    if (facet) return facet.normal(value);
    return normalContainer({ [field]: value } as unknown as ContainerSpec)[field];
  },
  shown: shownContainer,
  uncarried: uncarriedOptions,
  clearable: (field) => {
    const facet = containerFacets[field as FacetField];
    return !facet || "clear" in facet || facet.compare === "keys";
  },
  diff: diffAlone,
  plan: planContainer,
};

function nameOf({ Name }: ContainerInspectResponse): string {
  return Name?.replace(/^\//, "") ?? "";
}
