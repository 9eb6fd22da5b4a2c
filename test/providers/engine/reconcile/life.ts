// plan and apply against a real engine: everything that a project goes through in its life.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { apply } from "../../../../providers/engine/reconcile/reconcile.ts";
import { secret } from "../../../../resources/model/secret.ts";
import type { ResourceInput, StackInput } from "../../../../resources/stack/stack.ts";
import type { EngineCase } from "./engine.ts";
import { shopOn } from "./shop.ts";

/** The suite against one engine. */
export function tryLife({ name: engine, missing, make }: EngineCase): void {
  const why = missing === undefined ? "" : ` (skipped: ${missing})`;
  describe.skipIf(missing !== undefined)(`plan and apply on ${engine}${why}`, () => {
    const host = make();
    beforeAll(() => host.start());
    afterAll(() => host.stop());
    afterEach(async () => {
      await up(stackOf([]), { direction: "down", volumes: true });
    });

    const { container, stackOf, planOf, up, inspect } = shopOn(host);

    test("an image is built of a folder here, and again only when that has changed", async () => {
      const context = mkdtempSync(join(tmpdir(), "life-build-"));
      onTestFinished(() => rmSync(context, { recursive: true }));
      cpSync(host.rootfs, join(context, "root"), { recursive: true, verbatimSymlinks: true });
      const put = (name: string, text: string) => writeFileSync(join(context, name), text);
      put("f", "1");
      put("left.log", "out");
      put(".dockerignore", "*.log");
      const lines = ["FROM scratch", "ARG A", "COPY root /", "COPY . /all/", "ENV PATH=/bin A=$A"];
      const run = (command: string) => [...lines, `RUN ${command}`, "CMD sleep 600"].join("\n");
      const stack = (dockerfileInline: string): StackInput => ({
        ...stackOf([]),
        resources: [
          {
            ...{ kind: "image", host: "here", name: "built" },
            spec: {
              name: "fairlead/built:1",
              build: { context, dockerfileInline, args: { A: "a" }, network: "none" },
            },
          },
          container("web", { image: "built" }),
        ],
      });
      const good = stack(run("cp /all/f /g"));
      const first = await up(good);
      expect(first.result.failed).toEqual([]);
      expect(first.steps).toEqual(["image/built build", "container/web create"]);
      const show = "cat /g; echo $A; ls -A /all | grep -v root";
      const seen = () => host.docker("exec", "shop-web", "sh", "-c", show);
      expect(await seen()).toBe("1a\n.dockerignore\nf\n");
      expect((await up(good)).steps).toEqual([]);
      put("f", "2");
      const second = await up(good);
      expect(second.steps).toEqual(["image/built build", "container/web replace"]);
      expect(await seen()).toMatch(/^2a/);
      const bad = await up(stack(run("echo why; exit 7")));
      expect(bad.result.failed[0]?.error).toMatchObject({
        message: expect.stringMatching(/failed at .*RUN echo why; exit 7.*non-zero code: 7/),
        evidence: { logLines: expect.arrayContaining(["why"]) },
      });
      expect(await seen()).toMatch(/^2a/);
    });

    test("a stack comes up in order, and a second run has nothing to do", async () => {
      const stack = stackOf([
        { kind: "network", host: "here", name: "front", spec: {} },
        { kind: "volume", host: "here", name: "data", spec: { labels: { keep: "yes" } } },
        container("db", {
          networks: { front: { aliases: ["database"] } },
          mounts: [{ type: "volume", source: "data", target: "/data" }],
          healthcheck: { test: ["CMD", "true"], interval: "200ms" },
        }),
        container(
          "web",
          {
            networks: { front: {} },
            env: { TOKEN: secret("hush"), MODE: "a" },
            files: [{ target: "/etc/app.conf", content: "a=1\n", mode: 0o440 }],
            command: ["sh", "-c", "cat /etc/app.conf; exec sleep 600"],
            memory: "32m",
            ports: ["127.0.0.1:18080:80"],
          },
          [{ name: "db", condition: "healthy" }],
        ),
        container("setup", { command: ["true"] }),
        container("late", {}, [{ name: "setup", condition: "completed" }]),
      ]);
      const first = await up(stack);
      expect(first.result.failed).toEqual([]);
      expect(first.result.notRun).toEqual([]);
      expect(first.steps).toEqual([
        "network/front create",
        "volume/data create",
        "image/app deliver",
        "container/db create",
        "container/web create",
        "container/setup create",
        "container/late create",
      ]);
      expect(await host.docker("logs", "shop-web")).toBe("a=1\n");
      expect(JSON.stringify(first.made)).not.toContain("hush");
      const second = await planOf(stack);
      expect(second.operations).toEqual([]);
      expect(second.unchanged).toHaveLength(7);
    });

    test("what is stopped waits together: no place is held meanwhile", async () => {
      // Each ends only once all have been told to.
      const names = Array.from({ length: 8 }, (_, at) => `w${at}`);
      const script = `trap 'touch /seen/$HOSTNAME' TERM
        until [ $(ls /seen | wc -l) -ge ${names.length} ]; do sleep 0.05; done`;
      const stack = stackOf([
        { kind: "volume", host: "here", name: "seen", spec: {} },
        ...names.map((name) =>
          container(name, {
            ...{ init: false, hostname: name, command: ["sh", "-c", script] },
            ...{ stopGracePeriod: "60s", settle: "10ms" },
            mounts: [{ type: "volume", source: "seen", target: "/seen" }],
          }),
        ),
      ]);
      expect((await up(stack)).result.failed).toEqual([]);
      const [before, down] = [Date.now(), await up(stack, { direction: "down", volumes: true })];
      expect(down.result.failed).toEqual([]);
      const span = ["--since", `${before / 1000}`, "--until", `${Date.now() / 1000}`];
      const what = ["--filter", "event=die", "--format", "{{.Actor.Attributes.exitCode}}"];
      expect(await host.docker("events", ...span, ...what)).toBe("0\n".repeat(names.length));
    });

    test("volumes without a name are handed on, and go with the project's data", async () => {
      const other = await host.docker("volume", "create");
      const mounts = [{ type: "volume" as const, target: "/data" }];
      const stack = (A: string) => stackOf([container("web", { env: { A }, mounts })]);
      const volume = async () => (await inspect("shop-web")).Mounts[0].Name;
      await up(stack("1"));
      const before = await volume();
      await up(stack("2"));
      expect(await volume()).toBe(before);
      await up(stackOf([]), { direction: "down", volumes: true });
      expect((await host.docker("volume", "ls", "-q")).trim()).toBe(other.trim());
      await host.docker("volume", "rm", other.trim());
    });

    test("limits change live, the environment by a replacement that starts first", async () => {
      await up(stackOf([container("web", { memory: "32m", env: { A: "1" } })]));
      const before = await inspect("shop-web");
      const live = await up(stackOf([container("web", { memory: "48m", env: { A: "1" } })]));
      expect(live.steps).toEqual(["container/web update"]);
      expect(live.result.failed).toEqual([]);
      const updated = await inspect("shop-web");
      expect([updated.Id, updated.HostConfig.Memory]).toEqual([before.Id, 48 * 1024 * 1024]);

      const stack = stackOf([container("web", { memory: "48m", env: { A: "2" } })]);
      const anew = await up(stack);
      expect(anew.steps).toEqual(["container/web replace"]);
      expect(anew.made.operations[0]?.order?.first).toBe("start");
      expect(anew.result.failed).toEqual([]);
      const replaced = await inspect("shop-web");
      expect(replaced.Id).not.toBe(before.Id);
      expect(replaced.Config.Env).toContain("A=2");
      expect(await host.docker("ps", "-aq")).toMatch(/^\w+\n$/);
      expect((await planOf(stack)).operations).toEqual([]);
    });

    test("a replacement that fails brings the old container back, with evidence", async () => {
      await up(stackOf([container("web", { ports: ["127.0.0.1:18081:80"] })]));
      const before = await inspect("shop-web");
      const broken = stackOf([
        container("web", {
          ports: ["127.0.0.1:18081:80"],
          command: ["sh", "-c", "echo out of order; exit 3"],
        }),
      ]);
      const { made, events, result } = await up(broken);
      expect(made.operations[0]?.order).toMatchObject({ first: "stop" });
      expect(result.failed).toHaveLength(1);
      const failed = events.find(({ type }) => type === "failed");
      expect(failed).toMatchObject({ evidence: { exitCode: 3, logLines: ["out of order"] } });
      expect(events.some(({ type }) => type === "rolledBack")).toBe(true);
      const after = await inspect("shop-web");
      expect([after.Id, after.State.Running, after.Name]).toEqual([before.Id, true, "/shop-web"]);
      expect(await host.docker("ps", "-aq")).toMatch(/^\w+\n$/);
    });

    test("a replacement cancelled while the old container stops leaves it running", async () => {
      const ports = ["127.0.0.1:18083:80"];
      // sleep as process 1 ignores SIGTERM, so the stop takes the whole grace period.
      const deaf = { ports, init: false, command: ["sleep", "600"], stopGracePeriod: "3s" };
      await up(stackOf([container("web", deaf)]));
      const before = await inspect("shop-web");
      const stack = stackOf([container("web", { ...deaf, env: { A: "2" } })]);
      const { result } = await up(stack, {}, AbortSignal.timeout(1500));
      expect(result.cancelled).toBe(true);
      const after = await inspect("shop-web");
      expect([after.Id, after.State.Running, after.Name]).toEqual([before.Id, true, "/shop-web"]);
    });

    test("what the engine refuses is found before the old container is touched", async () => {
      await up(stackOf([container("web", { ports: ["127.0.0.1:18082:80"] })]));
      const before = await inspect("shop-web");
      const ports = ["127.0.0.1:18082:80"];
      const { result } = await up(
        stackOf([container("web", { ports, securityOpt: ["no-such=1"] })]),
      );
      expect(result.failed[0]?.error.message).toMatch(/no-such/);
      const after = await inspect("shop-web");
      expect(after.State.StartedAt).toBe(before.State.StartedAt);
    });

    test("changes by hand are seen and repaired", async () => {
      const stack = stackOf([
        { kind: "network", host: "here", name: "front", spec: {} },
        container("web", { memory: "32m", networks: { front: {} } }),
      ]);
      await up(stack);
      await host.docker("update", "--memory", "40m", "--memory-swap", "80m", "shop-web");
      await host.docker("network", "disconnect", "shop_front", "shop-web");
      const drift = await up(stack);
      expect(drift.made.operations[0]).toMatchObject({
        action: "update",
        cause: "was changed by hand",
      });
      expect(drift.made.operations[0]?.changes.map(({ field }) => field)).toEqual([
        "memory",
        "networks.shop_front",
      ]);
      expect(drift.result.failed).toEqual([]);
      expect(Object.keys((await inspect("shop-web")).NetworkSettings.Networks)).toEqual([
        "shop_front",
      ]);

      await host.docker("stop", "-t", "0", "shop-web");
      expect((await up(stack)).steps).toEqual(["container/web start"]);
      await host.docker("pause", "shop-web");
      expect((await up(stack)).steps).toEqual(["container/web start"]);
      await host.docker("rm", "-f", "shop-web");
      expect((await up(stack)).steps).toEqual(["container/web create"]);
      expect((await planOf(stack)).operations).toEqual([]);
    });

    test("a network that must be made anew takes its containers along", async () => {
      const spec = { networks: { front: { aliases: ["site"] } } };
      const network = (subnet: string): ResourceInput => ({
        ...{ kind: "network", host: "here", name: "front" },
        spec: { subnets: [{ subnet }] },
      });
      await up(stackOf([network("10.232.1.0/24"), container("web", spec)]));
      const before = await inspect("shop-web");
      const stack = stackOf([network("10.232.2.0/24"), container("web", spec)]);
      const { steps, result } = await up(stack);
      expect(steps).toEqual(["network/front replace"]);
      expect(result.failed).toEqual([]);
      const after = await inspect("shop-web");
      expect(after.State.StartedAt).toBe(before.State.StartedAt);
      expect(after.NetworkSettings.Networks.shop_front.IPAddress).toMatch(/^10\.232\.2\./);
      expect((await planOf(stack)).operations).toEqual([]);
    });

    test("orphans are shown, kept, and removed only when asked", async () => {
      await up(stackOf([container("web"), container("worker")]));
      const stack = stackOf([container("web")]);
      const kept = await up(stack);
      expect(kept.steps).toEqual([]);
      expect(kept.made.orphans).toMatchObject([{ kind: "container", name: "worker" }]);
      const removed = await up(stack, { removeOrphans: true });
      expect(removed.steps).toEqual(["container/worker remove shop-worker"]);
      expect(await host.docker("ps", "-a", "--format", "{{.Names}}")).toBe("shop-web\n");
    });

    test("objects of others are refused unless they are adopted", async () => {
      await up(stackOf([container("base")]));
      await host.docker("run", "-d", "--init", "--name", "shop-web", "fairlead/app:1");
      const stack = stackOf([container("base"), container("web")]);
      await expect(planOf(stack)).rejects.toThrow(/shop-web exists on here and was not made by/);
      const adopting = structuredClone({ ...stack, resources: [] }) as StackInput;
      adopting.resources = stack.resources.map((one) =>
        one.name === "web" ? { ...one, adopt: true } : one,
      );
      // Where labels can be edited it becomes the project's; else it is used as it is.
      const { steps, result } = await up(adopting);
      expect(steps).toEqual(host.kind === "agent" ? ["container/web adopt"] : []);
      expect(result.failed).toEqual([]);
      expect((await planOf(host.kind === "agent" ? stack : adopting)).operations).toEqual([]);
      await host.docker("rm", "-f", "shop-web");
    });

    test("down removes in reverse and keeps volumes unless asked", async () => {
      const stack = stackOf([
        { kind: "network", host: "here", name: "front", spec: {} },
        { kind: "volume", host: "here", name: "data", spec: {} },
        container("db", {
          networks: { front: {} },
          mounts: [{ type: "volume", source: "data", target: "/data" }],
        }),
        container("web", { networks: { front: {} } }, [{ name: "db", condition: "started" }]),
      ]);
      await up(stack);
      const { steps, result } = await up(stack, { direction: "down" });
      expect(steps).toEqual([
        "container/web remove shop-web",
        "container/db remove shop-db",
        "network/front remove shop_front",
      ]);
      expect(result.failed).toEqual([]);
      expect(await host.docker("volume", "ls", "-q")).toBe("shop_data\n");
      const rest = await up(stack, { direction: "down", volumes: true });
      expect(rest.steps).toEqual(["volume/data remove shop_data"]);
      expect(await host.docker("volume", "ls", "-q")).toBe("");
    });

    test("an interrupted replacement is finished by the next run", async () => {
      const stack = stackOf([container("web")]);
      await up(stack);
      await host.docker("rename", "shop-web", "shop-web.old-1");
      const renamed = await up(stack);
      expect(renamed.steps).toEqual(["container/web update"]);
      expect(renamed.result.failed).toEqual([]);
      const labels = (await inspect("shop-web")).Config.Labels as Record<string, string>;
      const args = Object.entries(labels).flatMap(([key, value]) => ["--label", `${key}=${value}`]);
      await host.docker(
        "run",
        "-d",
        "--init",
        "--name",
        "shop-web.old-2",
        ...args,
        "fairlead/app:1",
      );
      const cleaned = await up(stack);
      expect(cleaned.steps).toEqual(["container/web remove shop-web.old-2"]);
      expect((await planOf(stack)).operations).toEqual([]);
    });

    test("a failure stops what depends on it and a cancelled run what has not begun", async () => {
      const stack = stackOf([
        container("db", { command: ["false"] }),
        container("web", {}, [{ name: "db", condition: "healthy" }]),
      ]);
      const { result } = await up(stack);
      expect(result.failed.map(({ id }) => id)).toEqual(["here/container/db create"]);
      expect(result.notRun).toEqual(["here/container/web create"]);

      const again = await planOf(stack);
      const cancelled = await apply(stack, again, {
        ...{ connect: host.connect, signal: AbortSignal.abort() },
      }).catch((error: Error) => error.name);
      expect(cancelled).toBe("AbortError");
    });

    test("an image changes when the files it is made of do", async () => {
      const stack = stackOf([container("web")]);
      await up(stack);
      const { writeFileSync, rmSync } = await import("node:fs");
      writeFileSync(`${host.rootfs}/etc/version`, "2");
      const { steps, made, result } = await up(stack);
      expect(steps).toEqual(["image/app deliver", "container/web replace"]);
      expect(made.operations[1]?.changes[0]).toMatchObject({ field: "image" });
      expect(result.failed).toEqual([]);
      expect(await host.docker("exec", "shop-web", "cat", "/etc/version")).toBe("2");
      expect((await planOf(stack)).operations).toEqual([]);
      rmSync(`${host.rootfs}/etc/version`);
    });
  });
}
