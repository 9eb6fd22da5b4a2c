// Hosts that cannot be reached: nothing on them is taken for gone, and what is deleted there is
// only left behind when that was asked for.
import { describe, expect, test } from "vitest";
import { TestEngine } from "./engine/engine.ts";
import type { State } from "./engine/outcome.ts";
import { Program } from "./engine/program.ts";

const AWAY = { host: "203.0.113.77", user: "root", dialErrorLimit: 1, perDialTimeout: "1s" };
const CONNECTION = JSON.stringify({ ...AWAY, password: "a-password-of-somebody" });

/** A container that some run has made on a host that is away since. */
function remembered(inputs: Record<string, unknown> = {}): State {
  const given = { host: "web-1", connection: { ...AWAY }, name: "web", image: "app:1", ...inputs };
  const urn = "urn:pulumi:test::lab::fairlead:index:Container::web";
  const options = { retain: false, protect: false, deletedWith: "", deleteSeconds: 20 };
  return {
    ...{ urn, type: "fairlead:index:Container", id: "web-1/web", custom: true, initErrors: [] },
    ...{ inputs: given as State["inputs"], options: { ...options, provider: "", sources: {} } },
    outputs: { ...given, containerId: "c".repeat(64), status: "running" } as State["outputs"],
  };
}

function engineWith(state: State): TestEngine {
  const engine = new TestEngine();
  engine.resources.set(state.urn, state);
  return engine;
}

describe("a host that cannot be reached", { timeout: 600_000 }, () => {
  test("is an error of refresh, and the state stays as it was", async () => {
    const state = remembered();
    const engine = engineWith(state);
    const before = structuredClone({ ...state });
    const { errors, steps } = await engine.refresh();
    expect(errors.join()).toContain("203.0.113.77");
    expect(steps).toEqual([]);
    expect(engine.of("web")).toEqual(before);
  });

  test("is an error of a deletion", async () => {
    const engine = engineWith(remembered());
    const { errors } = await engine.destroy();
    expect(errors.join()).toContain("203.0.113.77");
    expect(engine.count()).toBe(1);
  });

  test("is left behind with a warning when deleteUnreachable says so", async () => {
    const engine = engineWith(remembered({ deleteUnreachable: true }));
    const { errors, log } = await engine.destroy();
    expect(errors).toEqual([]);
    expect(log).toContain("left behind");
    expect(engine.count()).toBe(0);
  });

  test("is left behind when the provider says so, unless the resource does not", async () => {
    const config = { deleteUnreachable: "true" };
    expect((await engineWith(remembered()).destroy({ config })).errors).toEqual([]);
    const kept = engineWith(remembered({ deleteUnreachable: false }));
    expect((await kept.destroy({ config })).errors.length).toBe(1);
  });

  test("may be behind one jump host or a list; their faults are told by place", async () => {
    const program = new Program();
    try {
      const jumps = ['{ host: "203.0.113.78", port: "x" }', '[{ host: "a" }, { hots: "b" }]'];
      const hosts = jumps.map((proxy, at) => {
        const connection = `{ ...${CONNECTION}, proxy: ${proxy} }`;
        return `new fairlead.Host("web-${at}", { connection: ${connection} });`;
      });
      const { errors } = await new TestEngine().preview(program.says(hosts.join("\n")));
      expect(errors.join()).toContain("connection.proxy.port");
      expect(errors.join()).toContain("connection.proxy[1].hots");
    } finally {
      program.remove();
    }
  });

  test("fails its Host after the time it was given, and tells no password", async () => {
    const program = new Program();
    try {
      const options = '{ customTimeouts: { create: "4s" } }';
      program.says(`new fairlead.Host("web-1", { connection: ${CONNECTION} }, ${options});`);
      const engine = new TestEngine();
      const { errors } = await engine.up(program);
      expect(errors.join()).toContain("203.0.113.77");
      expect(errors.join()).not.toContain("a-password-of-somebody");
      expect(engine.count()).toBe(0);
    } finally {
      program.remove();
    }
  });
});
