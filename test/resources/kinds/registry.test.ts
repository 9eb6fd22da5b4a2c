import { afterAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { lifecycleOf, registerLifecycle } from "../../../providers/engine/lifecycle/registry.ts";
import { registerKind } from "../../../resources/kinds/registry.ts";
import { typeOf } from "../../../resources/kinds/shape.ts";
import { line } from "../../../resources/model/scalars.ts";
import { field, required } from "../../../resources/model/schema.ts";
import { changeOf } from "../../../resources/plan/diff.ts";
import { changesBy, type Facet, normalBy, shownBy } from "../../../resources/plan/facet.ts";
import type { KindEntry } from "../../../resources/plan/kind.ts";
import { planLabelled } from "../../../resources/plan/labelled.ts";
import { ALL_CAPABILITIES, type ObservedHost } from "../../../resources/plan/observed.ts";
import { ownershipLabels } from "../../../resources/plan/ownership.ts";
import { planStack } from "../../../resources/stack/plan.ts";
import { resolveStack } from "../../../resources/stack/resolve.ts";
import { checkStack, type ResourceInput } from "../../../resources/stack/stack.ts";

// A kind that no product file knows: a line in the host's crontab, which runs in a container.
const job = z.strictObject({
  name: field(line, "replace", "Name on the host."),
  schedule: required(line, "update", "When it runs."),
  container: required(line, "replace", "In which container."),
});
type Job = z.output<typeof job>;
interface SeenJob {
  id: string;
  name: string;
  schedule: string;
  container: string;
  labels: Record<string, string>;
}

const text = (field: "name" | "schedule" | "container"): Facet<string, SeenJob> => ({
  write: () => {},
  normal: (value) => value,
  read: (seen) => seen[field],
  compare: "whole",
});
const jobFacets = {
  name: text("name"),
  schedule: text("schedule"),
  container: text("container"),
};

const jobKind: KindEntry<Job, SeenJob> = {
  ...{
    kind: "job",
    title: "Job",
    doc: "A timed job.",
    example: "backup",
    about: "A timed job.",
    type: job,
    join: "-",
  },
  ...{
    facts: [],
    owned: true,
    holdsData: false,
    replaces: false,
    runs: false,
    facets: jobFacets,
    sample: { name: "backup", spec: { schedule: "0 3 * * *", container: "db" } },
  },
  placed: (spec, nameOf) => ({
    ...spec,
    container: nameOf("container", spec.container) ?? spec.container,
  }),
  needs: ({ container }) => [{ kind: "container", object: container }],
  seenOn: ({ others }) => (others?.job ?? []) as SeenJob[],
  find: (host, name) => jobKind.seenOn(host).find((one) => one.name === name),
  ...{ nameOf: ({ name }) => name, idOf: ({ id }) => id, labelsOf: ({ labels }) => labels },
  normal: (spec) => normalBy(jobFacets, spec),
  shown: (seen) => shownBy(jobFacets, seen),
  diff: (spec, seen, context) => {
    const sides = { desired: jobKind.normal(spec), seen, labels: seen.labels };
    return changeOf(changesBy(job, jobFacets, sides, context));
  },
  plan: (draft, resource) => planLabelled(draft, resource, jobKind),
};

const forget = [registerKind(jobKind)];
const done: string[] = [];
forget.push(
  registerLifecycle("job", async ({ operation }) => {
    done.push(operation.id);
    return undefined;
  }),
);
afterAll(() => forget.map((one) => one()));

const declared = (schedule: string) =>
  checkStack({
    ...{ project: "shop", hosts: { a: "local" } },
    resources: [
      { kind: "job", host: "a", name: "backup", spec: { schedule, container: "db" } },
      { kind: "container", host: "a", name: "db", spec: { image: "db:1" } },
    ] as unknown as ResourceInput[],
  });

function plan(schedule: string, jobs: SeenJob[] = [], removeOrphans = false) {
  const facts = { engine: "fairlead", version: "1", apiVersion: "1.51", can: ALL_CAPABILITIES };
  const host: ObservedHost = {
    ...{ facts, containers: [], networks: [], volumes: [], images: new Map(), heldPorts: [] },
    others: { job: jobs },
  };
  const wishes = { direction: "up" as const, volumes: false, removeOrphans, recreate: false };
  const observed = new Map([["a", host]]);
  return planStack({ stack: declared(schedule), observed, images: new Map(), wishes });
}

const seen = (name: string, schedule: string): SeenJob => {
  const spec = { name: `shop-${name}`, schedule, container: "shop-db" };
  const labels = ownershipLabels("shop", name, spec);
  return { id: `id-of-${name}`, labels, ...spec };
};

describe("a kind that is only registered", () => {
  test("is checked by its declaration, every problem with its path", () => {
    expect(() =>
      checkStack({
        ...{ project: "shop", hosts: { a: "local" } },
        resources: [
          { kind: "job", host: "a", name: "x", spec: { schedle: "0 3 * * *" } },
        ] as unknown as ResourceInput[],
      }),
    ).toThrow(/jobs\.x\.schedule: is required[\s\S]*jobs\.x\.schedle: there is no such field/);
    expect(Object.keys(typeOf("job" as "container").shape)).toEqual(Object.keys(job.shape));
  });

  test("gets a name on the host, and so does what it refers to", () => {
    const [found] = resolveStack(declared("0 3 * * *")).filter(({ name }) => name === "backup");
    expect(found).toMatchObject({ object: "shop-backup", spec: { container: "shop-db" } });
  });

  const cases: [string, () => ReturnType<typeof plan>, [action: string, object: string][]][] = [
    ["is made when it is not there", () => plan("0 3 * * *"), [["create", "shop-backup"]]],
    [
      "is changed in place by a field that says so",
      () => plan("0 4 * * *", [seen("backup", "0 3 * * *")]),
      [["update", "shop-backup"]],
    ],
    ["is left alone as declared", () => plan("0 3 * * *", [seen("backup", "0 3 * * *")]), []],
    [
      "goes when nobody declares it any more",
      () => plan("0 3 * * *", [seen("backup", "0 3 * * *"), seen("old", "0 5 * * *")], true),
      [["remove", "shop-old"]],
    ],
  ];
  test.each(cases)("%s", (_, planned, expected) => {
    const own = planned().operations.filter(({ kind }) => kind === "job");
    expect(own.map(({ action, object }) => [action, object])).toEqual(expected);
  });

  test("waits for what it needs", () => {
    const [made] = plan("0 3 * * *").operations.filter(({ kind }) => kind === "job");
    expect(made?.dependsOn).toEqual(["a/container/db create"]);
  });

  test("is changed by the lifecycle that is registered for it", async () => {
    const [operation] = plan("0 3 * * *").operations.filter(({ kind }) => kind === "job");
    await lifecycleOf("job")({ operation } as Parameters<ReturnType<typeof lifecycleOf>>[0]);
    expect(done).toEqual(["a/job/backup create"]);
    expect(() => lifecycleOf("nothing")).toThrow("nothing here can change a nothing");
  });
});
