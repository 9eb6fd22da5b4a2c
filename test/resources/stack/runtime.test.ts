import { describe, expect, test } from "vitest";
import type { ContainerInput } from "../../../resources/kinds/container/container.ts";
import { ALL_CAPABILITIES, type EngineFacts } from "../../../resources/plan/observed.ts";
import { planStack } from "../../../resources/stack/plan.ts";
import { checkStack } from "../../../resources/stack/stack.ts";

const limit = { field: "mounts.propagation", values: ["shared"], why: "it keeps them private" };
const runtimes = { native: { cannot: [] }, lxc: { cannot: [limit] } };

function planOf(
  spec: Partial<ContainerInput>,
  facts: Partial<EngineFacts> = { runtimes },
  host = {},
) {
  const stack = checkStack({
    project: "shop",
    hosts: { a: { host: "local", ...host } },
    resources: [{ kind: "container", host: "a", name: "web", spec: { image: "app:1", ...spec } }],
  });
  const seen = {
    facts: {
      ...{ engine: "fairlead", version: "1", apiVersion: "1.51", can: ALL_CAPABILITIES },
      ...facts,
    },
    ...{ containers: [], networks: [], volumes: [], images: new Map(), heldPorts: [] },
  };
  const options = {
    direction: "up",
    volumes: false,
    removeOrphans: false,
    recreate: false,
  } as const;
  const observed = new Map([["a", seen]]);
  return planStack({ stack, observed, images: new Map(), options, only: undefined });
}

const mounts = (propagation: "shared" | "private") => [
  { type: "bind" as const, source: "/a", target: "/b", propagation },
];

describe("the runtime of a container, at plan", () => {
  test("one that the host has is fine, and so is any where the host does not say", () => {
    expect(planOf({ runtime: "lxc" }).operations.length).toBeGreaterThan(0);
    expect(planOf({ runtime: "kata" }, { runtimes: undefined }).operations.length).toBeGreaterThan(
      0,
    );
  });

  test("one that the host lacks is refused with those that it has", () => {
    expect(() => planOf({ runtime: "kata" })).toThrow(
      "containers.web.runtime: the host has no runtime kata; it has native, lxc",
    );
  });

  test("what it cannot do is refused with the field", () => {
    expect(() => planOf({ runtime: "lxc", mounts: mounts("shared") })).toThrow(
      "containers.web.mounts.propagation: not with runtime lxc: it keeps them private",
    );
    expect(planOf({ runtime: "lxc", mounts: mounts("private") }).operations.length).toBeGreaterThan(
      0,
    );
    expect(planOf({ mounts: mounts("shared") }).operations.length).toBeGreaterThan(0);
  });

  test("what no container of the host can have is refused with the field and the reason", () => {
    const cannot = [
      { field: "memory", why: "no such controller" },
      { field: "pidsLimit", why: "no such controller" },
      { field: "pid", values: ["host"], why: "the agent is not root" },
    ];
    const spec = { memory: 64 << 20, pid: "host", pidsLimit: -1 };
    const words =
      /containers\.web\.memory: not on this host: no such.*\n.*web\.pid: not on this host/s;
    expect(() => planOf(spec, { cannot })).toThrow(words);
    expect(() => planOf({ runtime: "kata", memory: 1 << 30 }, { cannot, runtimes })).toThrow(
      /web\.memory.*\n.*no runtime kata/s,
    );
    expect(planOf({ cpus: 1, pidsLimit: -1 }, { cannot }).operations.length).toBeGreaterThan(0);
    expect(planOf(spec, {}).operations.length).toBeGreaterThan(0);
  });

  test("the host's counts for containers that name none", () => {
    const host = { runtime: "lxc" };
    expect(() => planOf({ mounts: mounts("shared") }, { runtimes }, host)).toThrow(
      "not with runtime",
    );
    const plan = planOf({ runtime: "native", mounts: mounts("shared") }, { runtimes }, host);
    expect(plan.operations.length).toBeGreaterThan(0);
  });
});
