import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { type Execution, execute } from "../../../../providers/engine/executor/executor.ts";
import type { ProgressEvent } from "../../../../providers/engine/report/progress.ts";
import { FairleadError } from "../../../../resources/model/errors.ts";
import type { Gate, Operation, Plan } from "../../../../resources/plan/operation.ts";

const operation = (name: string, more: Partial<Operation> = {}): Operation => ({
  ...{ id: name, action: "create", host: "a", kind: "container", name, object: name },
  ...{ cause: "test", changes: [], dependsOn: [], after: [], waitsFor: [], ...more },
});
const gate = (name: string, more: Partial<Gate> = {}): Gate => ({
  ...{ host: "a", kind: "container", name, condition: "started", required: true, ...more },
});
const planOf = (operations: Operation[]): Plan => ({
  ...{ version: 1, project: "p", direction: "up", operations },
  hosts: ["a", "b"].map((name) => ({ name, address: name, engine: "fairlead", version: "1" })),
  ...{ unchanged: [], orphans: [], notes: [] },
});

async function run(operations: Operation[], more: Partial<Execution> = {}) {
  const log: string[] = [];
  const events: ProgressEvent[] = [];
  const outcome = await execute({
    plan: planOf(operations),
    engines: new Map(),
    perform: async ({ id }, { started }) => {
      log.push(`begin ${id}`);
      await sleep(10);
      started();
      return async () => {
        await sleep(20);
        log.push(`end ${id}`);
      };
    },
    hold: async (held, { id }) => {
      log.push(`hold ${id} for ${held.name}`);
    },
    progress: (event) => events.push(event),
    ...{ concurrency: 2, signal: undefined, ...more },
  });
  return { ...outcome, log, events };
}

const failing = (...names: string[]): Execution["perform"] => {
  return async ({ id }, { started }) => {
    if (names.includes(id)) throw new FairleadError("conflict", `${id} broke`);
    started();
    return undefined;
  };
};

describe("the execution of a plan", () => {
  test("waits for what an operation depends on, and for no more than its gate asks", async () => {
    const { log, done } = await run([
      operation("net", { kind: "network" }),
      operation("db", { dependsOn: ["net"] }),
      operation("web", { waitsFor: [gate("db")] }),
      operation("late", { waitsFor: [gate("db", { condition: "healthy" })] }),
    ]);
    expect(done).toHaveLength(4);
    const at = (entry: string) => log.indexOf(entry);
    expect(at("end net")).toBeLessThan(at("begin db"));
    expect(at("begin web")).toBeLessThan(at("end db"));
    expect(at("end db")).toBeLessThan(at("hold late for db"));
    expect(at("hold late for db")).toBeLessThan(at("begin late"));
  });

  test("holds gates on containers that the plan leaves alone", async () => {
    const { log } = await run([operation("web", { waitsFor: [gate("db")] })]);
    expect(log[0]).toBe("hold web for db");
  });

  test("runs so many at once on one host, and hosts side by side", async () => {
    let here = 0;
    let most = 0;
    const names = ["1", "2", "3", "4", "5"];
    const perform: Execution["perform"] = async ({ host }) => {
      if (host === "a") most = Math.max(most, ++here);
      await sleep(15);
      if (host === "a") here -= 1;
      return undefined;
    };
    const plan = [...names.map((name) => operation(name)), operation("x", { host: "b" })];
    const { done } = await run(plan, { perform });
    expect([done.length, most]).toEqual([6, 2]);
  });

  test("lets the others of a host work while operations only wait", async () => {
    const names = Array.from({ length: 50 }, (_, at) => String(at));
    let waiting = 0;
    let working = 0;
    let most = 0;
    let open = () => {};
    const all = new Promise<void>((resolve) => {
      open = resolve;
    });
    const busy = async () => {
      most = Math.max(most, ++working);
      await sleep(0);
      working -= 1;
    };
    const perform: Execution["perform"] = async (_operation, { waits }) => {
      await busy();
      await waits(async () => {
        // None gets on before all of them wait.
        if (++waiting === names.length) open();
        await all;
      });
      await busy();
      return undefined;
    };
    const { done } = await run(
      names.map((name) => operation(name)),
      { perform },
    );
    expect([done.length, waiting, most]).toEqual([50, 50, 2]);
  });

  test("gives a turn back also when what it waited for fails", async () => {
    const perform: Execution["perform"] = async ({ id }, { waits }) => {
      if (id === "bad") await waits(() => Promise.reject(new FairleadError("conflict", "no")));
      return undefined;
    };
    const { done, failed } = await run([operation("bad"), operation("1"), operation("2")], {
      ...{ perform, concurrency: 1 },
    });
    expect([done, failed.map(({ id }) => id)]).toEqual([["1", "2"], ["bad"]]);
  });

  test("goes on after a failure with what does not depend on it", async () => {
    const { done, failed, notRun, events } = await run(
      [operation("db"), operation("web", { dependsOn: ["db"] }), operation("far", { host: "b" })],
      { perform: failing("db"), concurrency: 1 },
    );
    expect(failed.map(({ id, error }) => [id, error.message])).toEqual([["db", "db broke"]]);
    expect([done, notRun]).toEqual([["far"], ["web"]]);
    expect(events.find(({ type }) => type === "failed")).toMatchObject({ code: "conflict" });
  });

  test("goes on without a dependency that is not required", async () => {
    const optional = gate("extra", { required: false });
    const { done, failed } = await run(
      [operation("extra"), operation("web", { waitsFor: [optional] })],
      { perform: failing("extra") },
    );
    expect([done, failed.map(({ id }) => id)]).toEqual([["web"], ["extra"]]);
  });

  test("fails an operation whose gate refuses it", async () => {
    const hold: Execution["hold"] = async () => {
      throw new FairleadError("conflict", "db is unhealthy");
    };
    const { failed } = await run([operation("web", { waitsFor: [gate("db")] })], { hold });
    expect(failed[0]?.error.message).toBe("db is unhealthy");
  });

  test("begins nothing after it was cancelled", async () => {
    const controller = new AbortController();
    const perform: Execution["perform"] = async () => {
      controller.abort();
      return undefined;
    };
    const { done, notRun } = await run([operation("1"), operation("2"), operation("3")], {
      ...{ perform, concurrency: 1, signal: controller.signal },
    });
    expect([done, notRun]).toEqual([["1"], ["2", "3"]]);
  });
});
