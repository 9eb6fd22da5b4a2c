import { describe, expect, test } from "vitest";
import type { EngineRequest } from "../../../../providers/engine/docker-api/client.ts";
import { Stopping } from "../../../../providers/engine/docker-api/stopping.ts";
import { FairleadError } from "../../../../resources/model/errors.ts";
import { FakeClient } from "../fake-client.ts";

const names = Array.from({ length: 200 }, (_, at) => `c${at}`);
const paths = names.map((name) => `POST /containers/${name}/stop`);
const pendingOf = ({ body }: EngineRequest) => (body as { pending: string[] }).pending;

/** An engine like ours: stops go on by themselves, and `ended` says which are over. */
function asyncEngine(ended: (request: EngineRequest) => unknown): FakeClient {
  const begun = paths.map((path, at) => [path, () => ({ pending: names[at] })] as const);
  return new FakeClient({ ...Object.fromEntries(begun), "POST /fairlead/ended": ended });
}

describe("stopping many containers", () => {
  test("all stops begin before the first has ended, and one request waits for all", async () => {
    let asking = 0;
    let most = 0;
    const engine = asyncEngine(async (request) => {
      most = Math.max(most, ++asking);
      await new Promise(setImmediate);
      asking -= 1;
      const pending = pendingOf(request);
      const ids = pending.length < names.length ? [] : pending.slice(0, 150);
      const rest = engine.asked.filter((path) => path.endsWith("/stop")).length === names.length;
      return { ended: (ids.length > 0 ? ids : rest ? pending : []).map((id) => ({ id })) };
    });
    const stopping = new Stopping(engine);
    await Promise.all(names.map((name) => stopping.stop(name)));
    expect(most).toBe(1);
    expect(engine.asked.filter((path) => path.endsWith("/stop"))).toEqual(paths);
  });

  test("an engine that answers when it is over gets half of the streams", async () => {
    let underWay = 0;
    let most = 0;
    const answer = async () => {
      most = Math.max(most, ++underWay);
      await new Promise(setImmediate);
      underWay -= 1;
    };
    const answers = paths.map((path) => [path, () => answer().then(() => null)]);
    const engine = new FakeClient(Object.fromEntries(answers), "docker");
    const stopping = new Stopping(engine);
    await Promise.all(names.map((name) => stopping.stop(name)));
    expect(most).toBe(engine.streamsAtOnce / 2);
  });

  const failures = [
    ["a container that had stopped", { code: "not_modified", message: "stopped" }, undefined],
    ["one that could not be", { code: "internal", message: "no shim" }, "fake: no shim"],
    ["a code that no agent has", { code: "odd", message: "?" }, /error\.code must be "invalid"/],
  ] as const;
  test.each(failures)("%s is told as it is", async (_title, error, message) => {
    const engine = asyncEngine((request) => ({
      ended: pendingOf(request).map((id) => ({ id, error })),
    }));
    const stopping = new Stopping(engine);
    const done = stopping.stop("c0");
    if (message === undefined) await done;
    else await expect(done).rejects.toThrow(message);
  });

  test("a line that breaks fails all who wait, and the next stop asks anew", async () => {
    let broken = true;
    const engine = asyncEngine((request) => {
      if (broken) throw new FairleadError("unavailable", "the line broke");
      return { ended: pendingOf(request).map((id) => ({ id })) };
    });
    const stopping = new Stopping(engine);
    const both = await Promise.allSettled(["c0", "c1"].map((name) => stopping.stop(name)));
    expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    broken = false;
    await stopping.stop("c2");
  });

  test("a run that is cut short waits no longer", async () => {
    const cut = new AbortController();
    let asked = 0;
    const engine = asyncEngine(async () => {
      await new Promise(setImmediate);
      if (++asked === 3) cut.abort(new Error("cut"));
      return { ended: [] };
    });
    const stopping = new Stopping(engine);
    await expect(stopping.stop("c0", { signal: cut.signal })).rejects.toThrow("cut");
  });

  test("a container that outlives its grace period by far is given up", async () => {
    const engine = asyncEngine(async () => {
      await new Promise(setImmediate);
      return { ended: [] };
    });
    const stopping = new Stopping(engine);
    await expect(stopping.stop("c0", { graceMs: -29_990 })).rejects.toThrow(
      "fake: no answer for 10 ms while stop of c0",
    );
  });

  test("a restart of a container that had stopped is no success by itself", async () => {
    const error = { code: "not_modified", message: "?" };
    const engine = new FakeClient({
      "POST /containers/c0/restart": { pending: "1" },
      "POST /fairlead/ended": { ended: [{ id: "1", error }] },
    });
    const stopping = new Stopping(engine);
    await expect(stopping.restart("c0")).rejects.toThrow("fake: ?");
  });
});
