// A project named shop on an engine under test: its stacks, and what each run of them did.

import { apply, type PlanOptions, plan } from "../../../../providers/engine/reconcile/reconcile.ts";
import type { ProgressEvent } from "../../../../providers/engine/report/progress.ts";
import type { ContainerInput } from "../../../../resources/kinds/container/container.ts";
import type { Plan } from "../../../../resources/plan/operation.ts";
import type { Dependency } from "../../../../resources/plan/resource.ts";
import type { ResourceInput, StackInput } from "../../../../resources/stack/stack.ts";
import type { TestEngine } from "./engine.ts";

/** Makes, plans and applies stacks of the project on this host. */
export function shopOn(host: TestEngine) {
  const image: ResourceInput = {
    ...{ kind: "image", host: "here", name: "app" },
    get spec() {
      return {
        name: "fairlead/app:1",
        rootfs: host.rootfs,
        config: { command: ["sleep", "600"] },
      };
    },
  };
  const container = (
    name: string,
    spec: Partial<ContainerInput> = {},
    dependsOn: Dependency[] = [],
  ): ResourceInput => ({
    ...{ kind: "container", host: "here", name, dependsOn },
    spec: { image: "app", init: true, settle: "200ms", ...spec },
  });
  const stackOf = (resources: ResourceInput[]): StackInput => ({
    ...{ project: "shop", hosts: { here: "local" } },
    resources: resources.length === 0 ? [] : [image, ...resources],
  });
  const planOf = (stack: StackInput, options: Partial<PlanOptions> = {}) =>
    plan(stack, { connect: host.connect, ...options });
  const steps = (made: Plan) => made.operations.map(({ id }) => id.replace(/^here\//, ""));
  async function up(stack: StackInput, options: Partial<PlanOptions> = {}, signal?: AbortSignal) {
    const made = await planOf(stack, options);
    const events: ProgressEvent[] = [];
    const result = await apply(stack, made, {
      ...{ connect: host.connect, progress: (event) => events.push(event) },
      ...(signal && { signal }),
    });
    return { made, events, result, steps: steps(made) };
  }
  const inspect = async (name: string) => JSON.parse(await host.docker("inspect", name))[0];

  return { container, stackOf, planOf, up, inspect };
}
