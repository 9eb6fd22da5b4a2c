// A stack of a few resources, hosts as they are seen, and the plan that follows.
import type { ContainerInput } from "../../../resources/kinds/container/container.ts";
import type { PlanningOptions } from "../../../resources/plan/draft.ts";
import {
  ALL_CAPABILITIES,
  type ImageTargets,
  type ObservedHost,
} from "../../../resources/plan/observed.ts";
import type { Plan } from "../../../resources/plan/operation.ts";
import type { Dependency } from "../../../resources/plan/resource.ts";
import { planStack } from "../../../resources/stack/plan.ts";
import { checkStack, type ResourceInput } from "../../../resources/stack/stack.ts";
import { IMAGE_ID, inspectedContainer } from "../kinds/inspected.ts";

export const container = (
  name: string,
  spec: Partial<ContainerInput> = {},
  dependsOn: Dependency[] = [],
  host = "a",
): ResourceInput => ({
  kind: "container",
  host,
  name,
  dependsOn,
  spec: { image: "app:1", ...spec },
});
export const waitFor = (name: string, condition: Dependency["condition"] = "started") => ({
  name,
  condition,
});

export function bare(more: Partial<ObservedHost> = {}): ObservedHost {
  return {
    facts: { engine: "fairlead", version: "1", apiVersion: "1.51", can: ALL_CAPABILITIES },
    ...{ containers: [], networks: [], volumes: [], images: new Map(), heldPorts: [] },
    ...more,
  };
}

export const there = () =>
  new Map([["app:1", { Id: IMAGE_ID }]]) as unknown as ObservedHost["images"];

export function planOf(
  resources: ResourceInput[],
  hosts: Record<string, ObservedHost> = { a: bare() },
  more: Partial<PlanningOptions> & {
    images?: ImageTargets;
    only?: string[];
    hosts?: string[];
  } = {},
): Plan {
  const { images = new Map(), only, hosts: chosen = Object.keys(hosts), ...options } = more;
  const names = Object.keys(hosts).map((name) => [name, "local"]);
  const observed = new Map(chosen.map((name) => [name, hosts[name]!]));
  return planStack({
    stack: checkStack({ project: "shop", hosts: Object.fromEntries(names), resources }),
    ...{ observed, images, only },
    options: {
      ...{ direction: "up", volumes: false, removeOrphans: false, recreate: false },
      ...options,
    },
  });
}

export const ids = (plan: Plan) => plan.operations.map(({ id }) => id.replace(/^a\//, ""));
export const seen = (name: string, input: Partial<ContainerInput> = {}, id = name[0]!) =>
  inspectedContainer({ image: "app:1", ...input }, name, id.charCodeAt(0).toString(16).repeat(32));
