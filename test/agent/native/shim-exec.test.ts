import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ExecRequest } from "../../../agent/runtime/shim-protocol.ts";
import {
  alive,
  collect,
  eventually,
  makeShimLab,
  processObject,
  type Specimen,
  unframe,
  watchEvents,
  whyNot,
} from "./shim-lab.ts";

function execOf(run: string | string[], more: Partial<ExecRequest> = {}): ExecRequest {
  const streams = { stdin: false, stdout: true, stderr: true };
  const id = randomBytes(32).toString("hex");
  return { id, process: processObject(run), tty: false, attach: true, ...streams, ...more };
}

const reason = whyNot();
describe.skipIf(reason)(`exec through a shim${reason ? ` (skipped: ${reason})` : ""}`, () => {
  const lab = makeShimLab();
  let box: Specimen;
  beforeAll(async () => {
    box = lab.specimen({ run: ["/bin/sleep", "600"] });
    await box.begin();
  });
  afterAll(() => lab.clean());

  test.each([
    ["exit 0", 0],
    ["exit 7", 7],
    ["kill -9 $$", 137],
  ])("the exit code of `%s` is %d", async (script, exitCode) => {
    const request = execOf(script);
    const { pid, stream } = await box.client.exec(request);
    expect(pid).toBeGreaterThan(1);
    await collect(stream!);
    expect(await box.client.inspectExec(request.id)).toEqual({ running: false, pid, exitCode });
  });

  test("its streams are apart and its stdin ends with the half-close", async () => {
    const { stream } = await box.client.exec(execOf("cat; echo e >&2", { stdin: true }));
    stream!.end("in\n");
    expect(unframe(await collect(stream!))).toEqual({ stdout: "in\n", stderr: "e\n" });
  });

  test("a terminal can be resized while it runs", async () => {
    const request = execOf("read x; stty size", { tty: true, stdin: true });
    const { stream } = await box.client.exec(request);
    await box.client.resize(50, 133, request.id);
    stream!.write("go\n");
    expect((await collect(stream!)).toString()).toContain("50 133");
  });

  test.each([
    [["/bin/nothing"], 2, "not_found"],
    [["/etc/resolv.conf"], 13, "invalid"],
  ])("what cannot be run is refused with its errno: %s", async (args, errno, code) => {
    await expect(box.client.exec(execOf(args))).rejects.toMatchObject({ errno, code });
  });

  test("one without attach runs on its own and is told of", async () => {
    const { events } = watchEvents(box.client);
    const request = execOf("sleep 0.1; exit 3", { attach: false });
    const { pid, stream } = await box.client.exec(request);
    expect(stream).toBeUndefined();
    expect(await box.client.inspectExec(request.id)).toMatchObject({ running: true, pid });
    const exited = await eventually("the exit", () =>
      events.find(({ event, exec }) => event === "exec_exited" && exec === request.id),
    );
    expect(exited.exitCode).toBe(3);
  });

  test("an id serves once, and an unknown one is not found", async () => {
    const request = execOf("true");
    await collect((await box.client.exec(request)).stream!);
    await expect(box.client.exec(request)).rejects.toMatchObject({ code: "conflict" });
    await expect(box.client.inspectExec("ff".repeat(32))).rejects.toMatchObject({
      code: "not_found",
    });
  });

  test("a child that keeps the stream open delays its end by two seconds at most", async () => {
    const begun = Date.now();
    const { stream } = await box.client.exec(execOf("sleep 30 & echo started"));
    expect(unframe(await collect(stream!)).stdout).toBe("started\n");
    expect(Date.now() - begun).toBeLessThan(5000);
  });

  test("execs end with their container", async () => {
    const short = lab.specimen({ run: "sleep 0.3" });
    await short.begin();
    const { pid } = await short.client.exec(execOf("sleep 600", { attach: false }));
    await short.ended();
    expect(alive(pid)).toBe(false);
  });
});
