// One more kind, registered here alone, through every layer: what it costs is what made-up-kind.ts
// has. Front ends make their tables when they are loaded, so they are loaded after it.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { apply, plan } from "../../providers/engine/reconcile/reconcile.ts";
import { Observer } from "../../providers/engine/single/observer.ts";
import type { Session as PulumiSession } from "../../providers/pulumi/resource/type.ts";
import type { Session as TerraformSession } from "../../providers/terraform/resource/type.ts";
import { typeOf } from "../../resources/kinds/shape.ts";
import { planStack } from "../../resources/stack/plan.ts";
import { resolveStack } from "../../resources/stack/resolve.ts";
import { checkStack, type StackInput } from "../../resources/stack/stack.ts";
import { renderResource } from "../resources/kinds/render-docs.ts";
import { emptyHost, JOB, JobHost, jobKind } from "./made-up-kind.ts";

const host = new JobHost();
let forget: () => void;
beforeAll(() => {
  forget = host.register();
});
afterAll(() => forget());
beforeEach(() => host.clear());
const connect = async () => host.engine;
const { signal } = new AbortController();

type Specs = Record<string, object>;
const stackOf = (jobs: Specs, containers: Specs = {}): StackInput => ({
  ...{ project: "shop", hosts: { a: "local" } },
  resources: [
    ...Object.entries(jobs).map(([name, spec]) => ({ kind: "job", host: "a", name, spec })),
    ...Object.entries(containers).map(([name, spec]) => {
      return { kind: "container", host: "a", name, spec };
    }),
  ] as StackInput["resources"],
});

describe("a kind that is only registered, in a stack", () => {
  test("is checked by its declaration, every problem with its path", () => {
    expect(() => checkStack(stackOf({ x: { schedle: "0 3 * * *" } }))).toThrow(
      /jobs\.x\.schedule: is required[\s\S]*jobs\.x\.schedle: there is no such field/,
    );
  });

  test("gets a name on the host, and so does what it refers to; and waits for that", () => {
    const spec = { schedule: "0 3 * * *", container: "db" };
    const stack = checkStack(stackOf({ backup: spec }, { db: { image: "db:1" } }));
    const [found] = resolveStack(stack).filter(({ name }) => name === "backup");
    expect(found).toMatchObject({ object: "shop-backup", spec: { container: "shop-db" } });
    const options = { volumes: false, removeOrphans: false, recreate: false };
    const { operations } = planStack({
      ...{ stack, observed: new Map([["a", emptyHost()]]), images: new Map() },
      options: { ...options, direction: "up" },
    });
    expect(operations.find(({ kind }) => kind === "job")?.dependsOn).toEqual([
      "a/container/db create",
    ]);
  });

  test("is made after what it needs, changed, made anew, and goes when left out", async () => {
    const up = async (jobs: Specs) => {
      host.done.length = 0;
      const stack = stackOf(jobs);
      const steps = await plan(stack, { connect, removeOrphans: true });
      expect(await apply(stack, steps, { connect })).toMatchObject({ failed: [], notRun: [] });
      return host.done;
    };
    const backup = { schedule: "0 3 * * *" };
    const report = { schedule: "0 4 * * *", after: "backup" };
    expect(await up({ report, backup })).toEqual(["create shop-backup", "create shop-report"]);
    expect(await up({ report, backup })).toEqual([]);
    const edited = { schedule: "0 5 * * *", zone: "CET" };
    expect(await up({ report, backup: edited })).toEqual(["update shop-backup"]);
    const apart = await up({ report: { schedule: "0 4 * * *" }, backup });
    expect(apart.toSorted()).toEqual(["replace shop-report", "update shop-backup"]);
    expect(await up({ report: { schedule: "0 4 * * *" } })).toEqual(["remove shop-backup"]);
    const stack = stackOf({ report });
    const down = await plan(stack, { connect, direction: "down" });
    expect(await apply(stack, down, { connect })).toMatchObject({ failed: [] });
    expect(host.jobs.size).toBe(0);
  });

  test("is waited for by its lifecycle, where it runs", async () => {
    const [report, backup] = stackOf({
      report: { schedule: "0 4 * * *" },
      backup: { schedule: "0 3 * * *" },
    }).resources;
    const waiting = (kind: string, name: string): StackInput => {
      const dependsOn = [{ kind, name, condition: "healthy" as const }];
      const data = { kind: "volume" as const, host: "a", name: "data", spec: {} };
      return { ...stackOf({}), resources: [{ ...report!, dependsOn }, backup!, data] };
    };
    const refused = (kind: string, name: string) =>
      expect(plan(waiting(kind, name), { connect })).rejects.toThrow;
    await refused("volume", "data")("nothing can wait for a volume: it does not run");
    await refused("job", "other")("jobs.report.dependsOn[0]: there is no job other on a");
    await refused("container", "backup")("there is no container backup on a");
    const { resources, ...stack } = waiting("job", "backup");
    const jobs = { ...stack, resources: resources.filter(({ kind }) => kind === JOB) };
    const steps = await plan(jobs, { connect });
    expect(await apply(jobs, steps, { connect })).toMatchObject({ failed: [], notRun: [] });
    const order = ["create shop-backup", "shop-backup is healthy", "create shop-report"];
    expect(host.done).toEqual(order);
  });

  test("has a page of its own", () => {
    const { title, about } = jobKind;
    const page = renderResource(title, about, "…", typeOf(JOB));
    expect(page).toContain("- **`schedule`** (text, required): When it runs. An edit is made in");
  });
});

describe("a kind that is only registered, in terraform", () => {
  const connection = {
    ...{ host: "a", name: "a", spec: { host: "local" } },
    ...{ connectReadOnly: connect, connectAndInstall: connect },
  };
  const session = {
    settings: { project: "shop", deleteUnreachable: false },
    connections: { find: async () => connection, fieldsOf: () => ({}) },
    ...{ observer: new Observer(), unreachable: new Map(), reported: new Set() },
    ...{ moving: new Map(), taken: new Set(), stop: signal },
  } as unknown as TerraformSession;

  async function type() {
    const { RESOURCES } = await import("../../providers/terraform/catalog.ts");
    return RESOURCES.find(({ name }) => name === "fairlead_job")!;
  }
  const configured = async (fields: object) => {
    const { fitted } = await import("../../providers/terraform/schema/translate.ts");
    return fitted((await type()).attributes, { host: "a", name: "backup", ...fields });
  };
  const step = async (prior: object | null, fields: object | null) => {
    const resource = await type();
    const config = fields && (await configured(fields));
    const call = { prior: prior as never, proposed: config, config, remembered: {} };
    const { state: planned, diagnostics } = await resource.plan(call, session);
    expect(diagnostics).toEqual([]);
    const { state, ...rest } = await resource.apply({ ...call, planned }, session);
    expect(rest.diagnostics).toEqual([]);
    return { planned, state };
  };

  test("has a resource, a data source, and a page with an example", async () => {
    const { providerSchema } = await import("../../providers/terraform/provider-schema.ts");
    const schema = providerSchema() as {
      resource_schemas: Record<string, { block: { attributes: { name: string }[] } }>;
      data_source_schemas: Record<string, object>;
    };
    const { attributes } = schema.resource_schemas.fairlead_job!.block;
    expect(attributes.find(({ name }) => name === "schedule")).toMatchObject({
      ...{ required: true, description: "When it runs." },
    });
    expect(attributes.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["id", "host", "adopt", "job_id", "replacement", "timeouts"]),
    );
    expect(schema.data_source_schemas).toHaveProperty("fairlead_job");
    const { docs } = await import("../../providers/terraform/docs/pages.ts");
    const page = Object.entries(docs()).find(([path]) => path.endsWith("resources/job.md"));
    expect(page?.[1]).toContain(
      'resource "fairlead_job" "backup" {\n  host = fairlead_host.web.id',
    );
  });

  test("is made, seen to drift, changed, imported and destroyed", async () => {
    const { state: made } = await step(null, { schedule: "0 3 * * *" });
    expect(made).toMatchObject({ id: "a/backup", job_id: "id-1", schedule: "0 3 * * *" });
    const resource = await type();
    host.jobs.get("id-1")!.schedule = "by hand";
    const drifted = await resource.read(made!, {}, session);
    expect(drifted.state).toMatchObject({ schedule: "by hand" });
    const { state: mended } = await step(drifted.state, { schedule: "0 3 * * *", zone: "CET" });
    expect([mended, host.done]).toMatchObject([
      { job_id: "id-1", zone: "CET" },
      ["create backup", "update backup"],
    ]);
    const imported = await resource.import("a/backup", session);
    expect(imported.state).toMatchObject({ schedule: "0 3 * * *", zone: "CET", after: null });
    const anew = await step(imported.state, { schedule: "0 3 * * *", zone: "CET", container: "x" });
    expect(anew.planned?.replacement).toMatch(/: container$/);
    expect(anew.state).toMatchObject({ job_id: "id-2" });
    await step(anew.state, null);
    expect(host.jobs.size).toBe(0);
  });
});

describe("a kind that is only registered, in pulumi", () => {
  const connection = {
    ...{ name: "a", spec: { host: "local" }, remembered: null },
    ...{ connectReadOnly: connect, connectAndInstall: connect },
  };
  const session = {
    connections: { find: () => connection, declared: () => undefined, settings: {} },
    ...{ stop: signal, known: new Map(), tell: () => {} },
    observed: async () => emptyHost(),
  } as unknown as PulumiSession;
  const urn = "urn:pulumi:dev::shop::fairlead:index:Job::backup";
  const checking = { urn, olds: {}, randomSeed: new Uint8Array(), proposedName: "" };

  test("has a resource in the schema and a class in the SDK", async () => {
    const { packageSchema } = await import("../../providers/pulumi/schema/package-schema.ts");
    const { resources } = packageSchema("1.0.0") as unknown as {
      resources: Record<string, { requiredInputs: string[]; description: string }>;
    };
    const found = resources["fairlead:index:Job"]!;
    expect(found.requiredInputs).toEqual(["host", "schedule"]);
    expect(found.description).toContain('new fairlead.Job("backup", {');
    const { declarations } = await import("../../providers/pulumi/schema/declarations.ts");
    expect(declarations()).toContain("export declare class Job extends pulumi.CustomResource");
  });

  test("is checked, made under a name of its own, compared, read and deleted", async () => {
    const { handlerOf } = await import("../../providers/pulumi/plugin/handlers.ts");
    const handler = handlerOf(urn);
    const wrong = await handler.check(
      { ...checking, mustBeNamed: false, news: { host: "a" } },
      session,
    );
    expect(wrong.failures).toEqual([{ property: "schedule", reason: "is required" }]);
    const news = { host: "a", schedule: "0 3 * * *" };
    const { inputs } = await handler.check({ ...checking, mustBeNamed: false, news }, session);
    expect(inputs.name).toMatch(/^backup-[0-9a-f]{7}$/);
    const call = { urn, id: "", oldInputs: {}, olds: {}, preview: false, timeoutMs: 0 };
    const made = await handler.create({ ...call, news: inputs }, session);
    expect(made).toMatchObject({ id: `a/${inputs.name}`, outputs: { jobId: "id-1" }, reasons: [] });
    const known = { ...call, id: made.id, oldInputs: inputs, olds: made.outputs };
    const edited = { ...inputs, schedule: "0 4 * * *", container: "x" };
    const { list } = await handler.diff({ ...known, news: edited }, session);
    expect(list.map(({ path, replaces }) => [path, replaces])).toEqual([
      ...[["schedule", false] as const, ["container", false] as const],
    ]);
    host.jobs.get("id-1")!.schedule = "by hand";
    const read = await handler.read({ ...known, news: {} }, session);
    expect(read?.inputs).toMatchObject({ schedule: "by hand" });
    await handler.delete({ ...known, news: {} }, session);
    expect(host.done).toEqual([`create ${inputs.name}`, `remove ${inputs.name}`]);
  });
});
