// plan and apply where something else is at work: a second client, a person who interrupts, an
// image that was made from a container of ours.
import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Connect, EngineClient } from "../../../../providers/engine/engine.ts";
import { apply, plan } from "../../../../providers/engine/reconcile/reconcile.ts";
import type { ProgressEvent } from "../../../../providers/engine/report/progress.ts";
import type { ContainerInput } from "../../../../resources/kinds/container/container.ts";
import { MADE_LABEL } from "../../../../resources/plan/ownership.ts";
import type { ResourceInput, StackInput } from "../../../../resources/stack/stack.ts";
import type { EngineCase } from "./engine.ts";

/** The suite against one engine. */
export function tryRivals({ name: engine, missing, make }: EngineCase): void {
  const why = missing === undefined ? "" : ` (skipped: ${missing})`;
  describe.skipIf(missing !== undefined)(`beside others on ${engine}${why}`, () => {
    const host = make();
    beforeAll(() => host.start());
    afterAll(() => host.stop());
    afterEach(async () => {
      const made = await plan(stackOf(), { connect: host.connect, direction: "down" });
      await apply(stackOf(), made, { connect: host.connect });
    });

    const stackOf = (spec?: Partial<ContainerInput>): StackInput => ({
      ...{ project: "shop", hosts: { here: "local" } },
      resources: spec === undefined ? [] : resources(spec),
    });
    const resources = (spec: Partial<ContainerInput>): ResourceInput[] => [
      {
        ...{ kind: "image", host: "here", name: "app" },
        spec: {
          name: "fairlead/app:1",
          rootfs: host.rootfs,
          config: { command: ["sleep", "600"] },
        },
      },
      {
        ...{ kind: "container", host: "here", name: "web" },
        spec: { image: "app", init: true, settle: "200ms", ...spec },
      },
    ];
    const run = async (stack: StackInput, connect = host.connect, signal?: AbortSignal) => {
      const made = await plan(stack, { connect });
      const events: ProgressEvent[] = [];
      const progress = (event: ProgressEvent) => void events.push(event);
      const result = await apply(stack, made, { connect, progress, ...(signal && { signal }) });
      return { made, events, result };
    };
    const names = () => host.docker("ps", "-a", "--format", "{{.Names}}");
    const inspect = async (name: string) => JSON.parse(await host.docker("inspect", name))[0];

    test("the run that comes second says who changed it, and leaves that alone", async () => {
      await run(stackOf({ env: { A: "0" } }));
      const [first, second] = [stackOf({ env: { A: "1" } }), stackOf({ env: { A: "2" } })];
      const late = await plan(second, { connect: host.connect });
      expect((await run(first)).result.failed).toEqual([]);
      const winner = await inspect("shop-web");
      // As if another process had made it.
      const connect = seenAs(host.connect, MADE_LABEL, "2026-01-02T03:04:05.678Z ann@desk other");
      const { failed } = await apply(second, late, { connect });
      expect(failed.map(({ error }) => error)).toMatchObject([
        {
          code: "conflict",
          message: expect.stringMatching(
            /shop-web was changed meanwhile by another run \(ann@desk, /,
          ),
          hint: expect.stringMatching(/Run the command again/),
        },
      ]);
      expect((await inspect("shop-web")).Id).toBe(winner.Id);
      expect(await names()).toBe("shop-web\n");
    });

    test("of two runs that change it in place one is refused, and told by whom", async () => {
      await run(stackOf({ memory: "64m" }));
      const [first, second] = [stackOf({ memory: "70m" }), stackOf({ memory: "80m" })];
      const [one, other] = await Promise.all(
        [first, second].map((stack) => plan(stack, { connect: host.connect })),
      );
      const done = await Promise.all([
        apply(first, one!, { connect: host.connect }),
        apply(second, other!, { connect: host.connect }),
      ]);
      const failed = done.flatMap((result) => result.failed);
      const memory = async () => (await inspect("shop-web")).HostConfig.Memory / 2 ** 20;
      if (host.kind === "agent") {
        expect(failed.map(({ error }) => error.message)).toEqual([
          expect.stringMatching(/shop-web was changed meanwhile by another run \(.*@.*, \d+ s ago/),
        ]);
        expect(await memory()).toBe(done[0]!.failed.length > 0 ? 80 : 70);
      }
      const late = await apply(second, other!, { connect: host.connect });
      if (host.kind === "agent") expect(late.failed[0]?.error.message).toMatch(/changed meanwhile/);
    });

    test("two runs that create at once leave what one of them made", async () => {
      const stack = stackOf({});
      const late = await plan(stack, { connect: host.connect });
      await run(stack);
      const winner = await inspect("shop-web");
      const connect = seenAs(host.connect, MADE_LABEL, "2026-01-02T03:04:05.678Z ann@desk other");
      const { failed } = await apply(stack, late, { connect });
      expect(failed[0]?.error.message).toMatch(/was changed meanwhile by another run \(ann@desk/);
      expect((await inspect("shop-web")).State).toMatchObject({ Running: true });
      expect((await inspect("shop-web")).Id).toBe(winner.Id);
    });

    test("a creation that is interrupted before it is well is taken back", async () => {
      const probe = { test: ["CMD", "false"], interval: "10s", startPeriod: "60s" };
      for (const afterMs of [0, 700]) {
        const stop = new AbortController();
        const running = run(stackOf({ healthcheck: probe }), host.connect, stop.signal);
        while (!/shop-web/.test(await names())) await sleep(20);
        await sleep(afterMs);
        stop.abort(new Error("interrupted"));
        const { events, result } = await running;
        expect(result.cancelled).toBe(true);
        expect(events.filter(({ type }) => type === "rolledBack")).toMatchObject([
          { message: "shop-web is removed again: it was not known to be well yet" },
        ]);
        expect(await names()).toBe("");
      }
    });

    test("a container of an image with our labels belongs to nobody for that", async () => {
      await run(stackOf({}));
      // What `docker commit` makes, by a way that both engines have.
      const { Labels: labels } = (await inspect("shop-web")).Config as { Labels: object };
      const changes = Object.entries(labels).flatMap(([key, value]) => {
        return ["--change", `LABEL ${key}=${JSON.stringify(value)}`];
      });
      const archive = `${host.rootfs}.tar`;
      await host.docker("export", "-o", archive, "shop-web");
      const command = ["--change", 'CMD ["sleep","600"]'];
      await host.docker("import", ...changes, ...command, archive, "committed:1");
      rmSync(archive);
      await host.docker("run", "-d", "--init", "--name", "foreign", "committed:1");
      expect((await inspect("foreign")).Config.Labels["dev.fairlead.project"]).toBe("shop");
      const made = await plan(stackOf({}), { connect: host.connect, removeOrphans: true });
      expect([made.operations, made.orphans]).toEqual([[], []]);
      const down = await plan(stackOf(), { connect: host.connect, direction: "down" });
      expect(down.operations.map(({ object }) => object)).not.toContain("foreign");
      // One that we make of the same image is ours.
      const own = { image: "committed:1" };
      expect((await run(stackOf(own))).result.failed).toEqual([]);
      expect((await plan(stackOf(own), { connect: host.connect })).operations).toEqual([]);
      await host.docker("rm", "-f", "foreign");
    });
  });
}

/** The same engine, where every container is shown with another value of a label. */
function seenAs(connect: Connect, label: string, value: string): Connect {
  return async (name, spec, signal) => {
    const engine = await connect(name, spec, signal);
    const inspect: EngineClient["containers"]["inspect"] = async (id, signal) => {
      const seen = await engine.containers.inspect(id, signal);
      if (seen.Config?.Labels) seen.Config.Labels[label] = value;
      return seen;
    };
    const containers = { ...engine.containers, inspect };
    return new Proxy(engine, {
      get: (target, key) => (key === "containers" ? containers : Reflect.get(target, key, target)),
    }) as EngineClient;
  };
}
