import { describe, expect, test } from "vitest";
import type { ContainerInput } from "../../../resources/kinds/container/container.ts";
import { secret } from "../../../resources/model/secret.ts";
import { inOrder } from "../../../resources/plan/graph.ts";
import { type ImageTargets, imageKey, NO_CAPABILITIES } from "../../../resources/plan/observed.ts";
import type { ResourceInput } from "../../../resources/stack/stack.ts";
import { inspectedNetwork, inspectedVolume } from "../kinds/inspected.ts";
import { bare, container, ids, planOf, seen, there, waitFor } from "./planned.ts";

describe("a plan for a bare host", () => {
  const front: ResourceInput = { kind: "network", host: "a", name: "front", spec: {} };
  const data: ResourceInput = { kind: "volume", host: "a", name: "data", spec: {} };
  const web = container(
    "web",
    {
      networks: { front: {} },
      mounts: [{ type: "volume", source: "data", target: "/d" }],
      env: { KEY: secret("hush") },
    },
    [waitFor("db", "healthy")],
  );
  const plan = planOf([web, container("db"), front, data]);

  test("makes what is needed before what needs it", () => {
    expect(ids(plan)).toEqual([
      "network/front create",
      "volume/data create",
      "image/app:1 pull",
      "container/db create",
      "container/web create",
    ]);
    const operation = plan.operations.at(-1)!;
    expect(operation.dependsOn).toEqual([
      "a/network/front create",
      "a/volume/data create",
      "a/image/app:1 pull",
    ]);
    expect(operation.waitsFor).toEqual([
      { host: "a", kind: "container", name: "db", condition: "healthy", required: true },
    ]);
    expect(operation.object).toBe("shop-web");
  });

  test("is a value that survives JSON and holds no secret", () => {
    const text = JSON.stringify(plan);
    expect(JSON.parse(text)).toEqual(plan);
    expect(text).not.toContain("hush");
  });
});

describe("what must not be planned", () => {
  test("cycles are refused with the cycle", () => {
    const cycle = [container("a", {}, [waitFor("b")]), container("b", {}, [waitFor("a")])];
    expect(() => planOf(cycle)).toThrow("a/container/a -> a/container/b -> a/container/a");
    const shared = [
      container("a", { networkMode: "container:b" }),
      container("b", { ipc: "container:a" }),
    ];
    expect(() => planOf(shared)).toThrow(/depend on each other/);
  });

  test.each<[string, ResourceInput[], RegExp]>([
    ["networks that are nowhere", [container("w", { networks: { x: {} } })], /w\.networks\.x/],
    [
      "volumes that are nowhere",
      [container("w", { mounts: [{ type: "volume", source: "x", target: "/x" }] })],
      /x is neither declared nor a volume/,
    ],
    [
      "containers that are nowhere, whose mounts are shared",
      [container("w", { volumesFrom: ["x:ro"] })],
      /w\.volumesFrom: x is neither declared nor a container on a/,
    ],
    [
      "containers that are nowhere, whose network is shared",
      [container("w", { networkMode: "container:x" })],
      /w\.networkMode: x is neither declared nor a container on a/,
    ],
    ["unknown dependencies", [container("w", {}, [waitFor("db")])], /there is no container db/],
    [
      "two containers on one port",
      [container("w", { ports: ["80:80"] }), container("v", { ports: ["127.0.0.1:80:81"] })],
      /already taken on a by w/,
    ],
    [
      "two objects of one name",
      [container("w", { name: "x" }), container("v", { name: "x" })],
      /and so has w/,
    ],
  ])("%s", (_name, resources, message) => {
    expect(() => planOf(resources)).toThrow(message);
  });

  test("ports that something else on the host holds", () => {
    const heldPorts = [{ protocol: "tcp" as const, hostIp: "", port: 80 }];
    const web = [container("web", { ports: ["80:80"] })];
    expect(() => planOf(web, { a: bare({ heldPorts }) })).toThrow(/taken on a by another program/);
    const named = heldPorts.map((port) => ({ ...port, container: "shop-web-1" }));
    expect(() => planOf(web, { a: bare({ heldPorts: named }) })).toThrow(
      /taken on a by the container shop-web-1/,
    );
    const other = seen("other", { ports: ["80:80"] });
    other.Config!.Labels = {};
    expect(() => planOf(web, { a: bare({ containers: [other] }) })).toThrow(/by shop-other/);
  });

  test("objects of another project, unless they are adopted", () => {
    const foreign = inspectedVolume({});
    foreign.Labels = { "dev.fairlead.project": "other", "dev.fairlead.name": "data" };
    const host = { a: bare({ volumes: [foreign] }) };
    const data = { kind: "volume" as const, host: "a", name: "data", spec: {} };
    expect(() => planOf([data], host)).toThrow(/belongs to the project other/);
    expect(ids(planOf([{ ...data, adopt: true }], host))).toEqual(["volume/data adopt"]);
  });

  test("edits of a volume that would cost its data", () => {
    const host = { a: bare({ volumes: [inspectedVolume({})] }) };
    const spec = { driverOpts: { device: "x" } };
    const data = { kind: "volume" as const, host: "a", name: "data", spec };
    expect(() => planOf([data], host)).toThrow(/cannot be changed without destroying its data/);
  });

  test("what an older engine would drop without a word", () => {
    const facts = { engine: "docker", version: "20.10", apiVersion: "1.41", can: NO_CAPABILITIES };
    const host = { a: bare({ facts }) };
    expect(() => planOf([container("w", { annotations: { a: "b" } })], host)).toThrow(/API 1\.43/);
  });
});

describe("a plan for a host that has the stack", () => {
  const running = (input: Partial<ContainerInput> = {}) =>
    bare({ containers: [seen("web", input)], images: there() });

  test("is empty when all is as declared", () => {
    const plan = planOf([container("web")], { a: running() });
    expect([plan.operations, plan.unchanged]).toEqual([[], ["a/container/web"]]);
  });

  const now = Date.parse("2026-01-01T00:10:00Z");
  const long = "2026-01-01T00:00:00Z";
  const just = "2026-01-01T00:09:50Z";
  test.each<[what: string, state: object, more: object, cause: string | undefined]>([
    ["is unhealthy", { Health: { Status: "unhealthy" } }, {}, "is unhealthy"],
    ["is not healthy yet", { Health: { Status: "starting" } }, {}, "is not healthy yet"],
    ["is healthy", { Health: { Status: "healthy" } }, { RestartCount: 9 }, undefined],
    ["waits to be restarted", { Running: false, Restarting: true }, {}, "restarts again and again"],
    ["was restarted just now", { StartedAt: just }, { RestartCount: 3 }, "was restarted 3 times"],
    ["was restarted long ago", { StartedAt: long }, { RestartCount: 3 }, undefined],
    ["was restarted once", { StartedAt: just }, { RestartCount: 1 }, undefined],
  ])("verifies one that is up and not well: it %s", (_what, state, more, cause) => {
    const one = { ...seen("web"), ...more };
    one.State = { ...one.State, ...state };
    const host = bare({ containers: [one], images: there(), seenAtMs: now });
    const [operation] = planOf([container("web")], { a: host }).operations;
    expect([operation?.action, operation?.cause]).toEqual([cause && "verify", cause]);
  });

  test("starts what has stopped, but not a job that has ended well", () => {
    const host = running();
    host.containers[0]!.State = { Status: "exited", Running: false, ExitCode: 0 };
    expect(ids(planOf([container("web")], { a: host }))).toEqual(["container/web start"]);
    expect(ids(planOf([container("web", { job: true })], { a: host }))).toEqual([]);
    const waiting = container("late", {}, [waitFor("web", "completed")]);
    const images = there();
    expect(ids(planOf([container("web"), waiting], { a: { ...host, images } }))).toEqual([
      "container/late create",
    ]);
    host.containers[0]!.State.ExitCode = 3;
    expect(ids(planOf([container("web", { job: true })], { a: host }))).toEqual([
      "container/web start",
    ]);
  });

  const ended = ["w".charCodeAt(0).toString(16).repeat(32)];
  const exited = (ExitCode = 0) => ({ Status: "exited" as const, Running: false, ExitCode });
  test.each<[string, Partial<ContainerInput>, number, readonly string[] | undefined, string[]]>([
    ["by itself and well", {}, 0, ended, []],
    ["well with on-failure", { restart: "on-failure:3" }, 0, ended, []],
    ["since somebody stopped it", {}, 0, [], ["container/web start"]],
    ["on an engine that does not say how", {}, 0, undefined, ["container/web start"]],
    ["by itself with a code", {}, 2, ended, ["container/web start"]],
    ["but should go on", { job: false }, 0, ended, ["container/web start"]],
  ])("starts a container that ended again, or not: %s", (_what, spec, code, alone, operations) => {
    const host = { ...running(spec), ended: alone };
    host.containers[0]!.State = exited(code);
    expect(ids(planOf([container("web", spec)], { a: host }))).toEqual(operations);
  });

  test("a lost tag of an image is no reason to touch what runs from it", () => {
    const host = { ...running(), images: new Map() };
    expect(ids(planOf([container("web")], { a: host }))).toEqual([]);
    expect(ids(planOf([container("web", { image: "app:2" })], { a: host }))).toEqual([
      "image/app:2 pull",
      "container/web replace",
    ]);
  });

  test("a newer image in the registry is pulled, and what runs from the old one replaced", () => {
    const digest = `sha256:${"d".repeat(64)}`;
    const images: ImageTargets = new Map([[imageKey("a", "app:1"), { from: "registry", digest }]]);
    const web = [container("web", { pull: "always" })];
    expect(ids(planOf(web, { a: running() }, { images }))).toEqual([
      "image/app:1 pull",
      "container/web replace",
    ]);
    const same = running();
    same.images.get("app:1")!.RepoDigests = [`app@${digest}`];
    expect(ids(planOf(web, { a: same }, { images }))).toEqual([]);
  });

  test.each<[string, Partial<ContainerInput>, "start" | "stop"]>([
    ["nothing clashes", {}, "start"],
    ["a port clashes", { ports: ["80:80"] }, "stop"],
    ["a volume is written to", { mounts: [{ type: "bind", source: "/s", target: "/t" }] }, "stop"],
    [
      "a volume is only read",
      { mounts: [{ type: "bind", source: "/s", target: "/t", readOnly: true }] },
      "start",
    ],
    ["the order is declared", { replaceOrder: "stop-first" }, "stop"],
  ])("a replacement when %s", (_name, spec, first) => {
    const edited = [container("web", { ...spec, env: { A: "2" } })];
    const plan = planOf(edited, { a: running({ ...spec, env: { A: "1" } }) });
    expect(plan.operations[0]).toMatchObject({ action: "replace", order: { first } });
  });

  test("what shares a namespace or asks for it follows a replacement", () => {
    const host = bare({
      containers: [
        seen("app", { env: { A: "1" } }),
        seen("side", { networkMode: "container:shop-app" }),
        seen("web"),
      ],
      images: there(),
    });
    const stack = [
      container("web", {}, [{ ...waitFor("app"), restart: true }]),
      container("side", { networkMode: "container:app" }),
      container("app", { env: { A: "2" } }),
    ];
    expect(ids(planOf(stack, { a: host }))).toEqual([
      "container/app replace",
      "container/web restart",
      "container/side replace",
    ]);
  });

  test("a record that its agent could not read is told, and no container takes its place", () => {
    const lost = seen("web");
    lost.Config = { ...lost.Config, Labels: {} };
    const unreadable = (path: string) => [
      {
        what: "the record",
        path,
        setAside: `${path}.unreadable-1`,
        reason: "torn",
        remedy: "help",
      },
    ];
    const record = `/root/containers/${lost.Id}/record.json`;
    const kept = `${record} is kept as ${record}.unreadable-1`;
    const told = `the record could not be read (torn): ${kept}; help`;
    const host = {
      a: bare({ containers: [lost], images: there(), unreadable: unreadable(record) }),
    };
    expect(planOf([container("db")], host).notes).toEqual([`a: ${told}`]);
    const web = { ...container("web"), adopt: true };
    expect(() => planOf([web], host)).toThrow(told);
    const repaired = { a: bare({ ...host.a, containers: [seen("web")] }) };
    expect(ids(planOf([container("web")], repaired))).toEqual([]);
    const elsewhere = { a: { ...host.a, unreadable: unreadable("/root/networks/1.json") } };
    expect(planOf([web], elsewhere).operations[0]).toMatchObject({ action: "adopt" });
  });

  test("a namespace that was asked for by name and is shown by id is no change", () => {
    const app = seen("app");
    const sharing = ["networkMode", "ipc", "pid"].map((field) => {
      const one = seen(field, { [field]: "container:shop-app" });
      const key = { networkMode: "NetworkMode", ipc: "IpcMode", pid: "PidMode" }[field]!;
      return { ...one, HostConfig: { ...one.HostConfig, [key]: `container:${"a".repeat(64)}` } };
    });
    const stack = ["networkMode", "ipc", "pid"].map((field) =>
      container(field, { [field]: "container:app" }),
    );
    const host = bare({ containers: [app, ...sharing], images: there() });
    expect(ids(planOf([container("app"), ...stack], { a: host }))).toEqual([]);
    const other = [container("app"), container("ipc", { ipc: "container:other" })];
    const both = bare({ containers: [app, seen("other"), sharing[1]!], images: there() });
    expect(ids(planOf([...other, container("other")], { a: both }))).toEqual([
      "container/ipc replace",
    ]);
  });

  test("orphans are removed by a label, when only some of them are to go", () => {
    const labelled = (name: string, service: string) => {
      const one = seen(name);
      return { ...one, Config: { ...one.Config, Labels: { ...one.Config?.Labels, service } } };
    };
    const containers = [labelled("web-3", "web"), labelled("old", "old")];
    const removeOrphans = { label: "service", among: ["web"] };
    const plan = planOf([], { a: bare({ containers }) }, { removeOrphans });
    expect(ids(plan)).toEqual(["container/web-3 remove shop-web-3"]);
    expect(plan.orphans).toEqual([
      { host: "a", kind: "container", name: "old", object: "shop-old", id: expect.any(String) },
    ]);
  });

  test("orphans are listed, and removed when asked", () => {
    const network = inspectedNetwork({});
    const host = { a: bare({ containers: [seen("old")], networks: [network] }) };
    host.a.volumes.push(inspectedVolume({}));
    expect(planOf([], host).notes).toEqual([
      "a/volume/data is no longer declared; its data is kept",
    ]);
    expect(planOf([], host).orphans.map(({ object }) => object)).toEqual([
      "shop-old",
      "shop_front",
    ]);
    expect(ids(planOf([], host, { removeOrphans: true }))).toEqual([
      "container/old remove shop-old",
      "network/front remove shop_front",
    ]);
  });

  test("down removes in reverse order and keeps volumes unless asked", () => {
    const host = {
      a: bare({
        containers: [seen("db"), seen("web")],
        networks: [inspectedNetwork({})],
        volumes: [inspectedVolume({})],
      }),
    };
    const stack = [container("db"), container("web", {}, [waitFor("db")])];
    const removals = [
      "container/web remove shop-web",
      "container/db remove shop-db",
      "network/front remove shop_front",
    ];
    expect(ids(planOf(stack, host, { direction: "down" }))).toEqual(removals);
    expect(ids(planOf(stack, host, { direction: "down", volumes: true }))).toEqual([
      ...removals,
      "volume/data remove shop_data",
    ]);
  });

  test("only the chosen containers and what they need are planned", () => {
    const stack = [container("db"), container("web", {}, [waitFor("db")]), container("job")];
    expect(ids(planOf(stack, { a: bare() }, { only: ["web"] }))).toEqual([
      "image/app:1 pull",
      "container/db create",
      "container/web create",
    ]);
    expect(() => planOf(stack, { a: bare() }, { only: ["nope"] })).toThrow(/no container "nope"/);
  });

  test("what an interrupted replacement left is removed, last", () => {
    const aside = seen("web", {}, "z");
    aside.Name = "/shop-web.old-1";
    const host = bare({ containers: [aside, seen("web", { env: { A: "1" } })], images: there() });
    expect(ids(planOf([container("web", { env: { A: "2" } })], { a: host }))).toEqual([
      "container/web replace",
      "container/web remove shop-web.old-1",
    ]);
  });
});

describe("the order of a graph", () => {
  test("keeps what it may, and does not mind a long chain", () => {
    const needs = new Map([["b", ["c"]]]);
    expect(inOrder(["a", "b", "c"], needs)).toEqual(["a", "c", "b"]);
    const names = Array.from({ length: 50_000 }, (_, at) => `n${at}`);
    const chain = new Map(names.map((name, at) => [name, names.slice(at + 1, at + 2)]));
    expect(inOrder(names, chain)[0]).toBe("n49999");
  });
});
