// Hooks of containers, in containers of our agent.
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { apply, type PlanOptions, plan } from "../../../../providers/engine/reconcile/reconcile.ts";
import type { ContainerInput } from "../../../../resources/kinds/container/container.ts";
import { secret } from "../../../../resources/model/secret.ts";
import type { StackInput } from "../../../../resources/stack/stack.ts";
import { AgentEngine, whyNoAgent } from "./agent-engine.ts";

const missing = whyNoAgent();

describe.skipIf(missing !== undefined)(`hooks (skipped: ${missing ?? "no"})`, () => {
  const host = new AgentEngine();
  beforeAll(() => host.start());
  afterAll(() => host.stop());

  const stackOf = (spec: Partial<ContainerInput>): StackInput => ({
    ...{ project: "shop", hosts: { here: "local" } },
    resources: [
      {
        ...{ kind: "image", host: "here", name: "app" },
        spec: { name: "app:1", rootfs: host.rootfs, config: { command: ["sleep", "600"] } },
      },
      {
        ...{ kind: "container", host: "here", name: "web" },
        spec: { image: "app", init: true, settle: "200ms", ...spec },
      },
    ],
  });
  const planOf = (stack: StackInput, options: Partial<PlanOptions> = {}) =>
    plan(stack, { connect: host.connect, ...options });
  const up = async (stack: StackInput, options: Partial<PlanOptions> = {}) =>
    apply(stack, await planOf(stack, options), { connect: host.connect });

  test("run after a start and before a stop; one that fails brings the old back", async () => {
    const marks = mkdtempSync(join(tmpdir(), "flr-hooks-"));
    onTestFinished(() => rmSync(marks, { recursive: true, force: true }));
    const write = (mark: string) => ["sh", "-c", `echo ${mark} $(id -u) $PWD $M >> /m/marks`];
    const web = (spec: Partial<ContainerInput>) =>
      stackOf({
        mounts: [{ type: "bind", source: marks, target: "/m" }],
        preStop: [{ command: write("down"), env: { M: secret("a b") } }],
        ...spec,
      });
    const told = () => readFileSync(join(marks, "marks"), "utf8").trimEnd().split("\n");
    const first = { command: write("up"), user: "12:13", workingDir: "/m" };
    chmodSync(marks, 0o777);
    writeFileSync(join(marks, "marks"), "", { mode: 0o666 });
    chmodSync(join(marks, "marks"), 0o666);
    await up(web({ postStart: [first] }));
    expect(told()).toEqual(["up 12 /m"]);
    expect((await planOf(web({ postStart: [] }))).operations).toEqual([]);
    const bad = { command: ["sh", "-c", "echo no such key; exit 4"] };
    const result = await up(web({ env: { A: "b" }, postStart: [bad] }));
    expect(result.failed[0]?.error.message).toMatch(
      /the post-start hook "sh -c .*" ended with exit code 4:\nno such key/,
    );
    expect((await planOf(web({}))).operations).toEqual([]);
    await up(web({ env: { A: "c" } }));
    await up(web({ env: { A: "c" } }), { direction: "down" });
    expect(told().filter((mark) => mark.startsWith("down"))).toEqual(
      Array(told().length - 1).fill("down 0 / a b"),
    );
    expect(told().length).toBeGreaterThanOrEqual(3);
  });

  test("that fail at a first start are run again by the next run", async () => {
    const marks = mkdtempSync(join(tmpdir(), "flr-hooks-"));
    onTestFinished(() => rmSync(marks, { recursive: true, force: true }));
    const web = stackOf({
      mounts: [{ type: "bind", source: marks, target: "/m" }],
      postStart: [{ command: ["sh", "-c", "test -e /m/ready"] }],
      stopGracePeriod: "1s",
    });
    const actions = async () => (await planOf(web)).operations.map(({ action }) => action);
    expect((await up(web)).failed[0]?.error.message).toMatch(/post-start hook "sh -c .*" ended/);
    expect(await actions()).toEqual(["start"]);
    writeFileSync(join(marks, "ready"), "");
    expect((await up(web)).failed).toEqual([]);
    expect(await actions()).toEqual([]);
    await up(web, { direction: "down" });
  });
});
