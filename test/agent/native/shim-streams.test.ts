import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, test } from "vitest";
import { collect, eventually, makeShimLab, unframe, whyNot } from "./shim-lab.ts";

const ALL = { stdin: true, stdout: true, stderr: true };
const OUT = { stdin: false, stdout: true, stderr: true };

const reason = whyNot();
describe.skipIf(reason)(`attaching to a shim${reason ? ` (skipped: ${reason})` : ""}`, () => {
  const lab = makeShimLab();
  afterAll(() => lab.clean());

  test("who attached before the start sees the first byte, each stream apart", async () => {
    const box = lab.specimen({ run: "echo out; echo err >&2" });
    await box.launch();
    const both = collect(await box.client.attach(OUT));
    const errors = collect(await box.client.attach({ ...OUT, stdout: false }));
    await box.client.start();
    expect(unframe(await both)).toEqual({ stdout: "out\n", stderr: "err\n" });
    expect(unframe(await errors)).toEqual({ stdout: "", stderr: "err\n" });
  });

  test("stdin goes round, and its half-close is end of file", async () => {
    const box = lab.specimen({
      run: "cat; echo over",
      settings: { openStdin: true, stdinOnce: true },
    });
    await box.launch();
    const stream = await box.client.attach(ALL);
    await box.client.start();
    const big = "0123456789abcdef".repeat(20_000);
    stream.end(big);
    expect(unframe(await collect(stream)).stdout).toBe(`${big}over\n`);
  });

  test("without stdinOnce stdin stays open for the next client", async () => {
    const box = lab.specimen({
      run: "read a; echo got $a; read b; echo got $b",
      settings: { openStdin: true },
    });
    await box.begin();
    const first = await box.client.attach(ALL);
    first.end("one\n");
    await collect(first);
    const second = await box.client.attach(ALL);
    second.write("two\n");
    expect(unframe(await collect(second)).stdout).toContain("got two\n");
    expect(box.log().map(({ log }) => log)).toEqual(["got one\n", "got two\n"]);
  });

  test("five clients at once see the same, and each may write", async () => {
    const box = lab.specimen({
      run: "for n in 1 2 3 4 5; do read line; echo got $line; done",
      settings: { openStdin: true },
    });
    await box.launch();
    const streams = await Promise.all([1, 2, 3, 4, 5].map(() => box.client.attach(ALL)));
    await box.client.start();
    const seen = streams.map((stream) => collect(stream));
    for (const [number, stream] of streams.entries()) {
      stream.write(`line ${number}\n`);
      await eventually("its echo", () =>
        box.log().some(({ log }) => log === `got line ${number}\n`),
      );
    }
    const whole = [0, 1, 2, 3, 4].map((number) => `got line ${number}\n`).join("");
    for (const bytes of await Promise.all(seen)) expect(unframe(bytes).stdout).toBe(whole);
  });

  test("without openStdin the process reads end of file at once", async () => {
    const box = lab.specimen({ run: "cat; echo nothing" });
    await box.launch();
    const stream = await box.client.attach(ALL);
    await box.client.start();
    stream.write("lost");
    expect(unframe(await collect(stream)).stdout).toBe("nothing\n");
  });

  test("a terminal is raw, has the size that was asked for, and takes a new one", async () => {
    const box = lab.specimen({
      run: "tty; stty size; while read line; do echo [$line] $(stty size); done",
      settings: { tty: true, openStdin: true },
      process: { terminal: true, consoleSize: { height: 31, width: 97 } },
    });
    await box.launch();
    const stream = await box.client.attach(ALL);
    let text = "";
    stream.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    await box.client.start();
    await eventually("the first size", () => text.includes("31 97"));
    expect(text).toMatch(/\/dev\/(pts\/0|console)\r\n/);
    await box.client.resize(40, 120);
    stream.write("hello\n");
    await eventually("the new size", () => text.includes("[hello] 40 120\r\n"));
    stream.write("\x04");
    await box.ended();
  });

  test("a client that reads slowly gets everything, also after the container's end", async () => {
    const box = lab.specimen({ run: "yes 0123456789 | head -c 3000000; echo done >&2" });
    await box.launch();
    const stream = await box.client.attach(OUT);
    await box.client.start();
    const chunks: Buffer[] = [];
    for await (const chunk of stream) {
      chunks.push(chunk as Buffer);
      if (chunks.length < 40) await sleep(20);
    }
    const { stdout, stderr } = unframe(Buffer.concat(chunks));
    expect(stdout.length).toBe(3_000_000);
    expect(stderr).toBe("done\n");
    expect(await box.ended()).toMatchObject({ exitCode: 0 });
  });

  test("a client that reads nothing for ten seconds is dropped for the others' sake", async () => {
    const box = lab.specimen({ run: "yes 0123456789 | head -c 8000000; echo done >&2" });
    await box.launch();
    const stuck = await box.client.attach(OUT);
    stuck.pause();
    await box.client.start();
    const state = await eventually(
      "the end",
      () => {
        const found = box.saved();
        return found.status === "exited" && found;
      },
      15_000,
    );
    expect(state.exitCode).toBe(0);
    expect(Date.parse(state.finishedAt) - Date.parse(state.startedAt)).toBeGreaterThan(9000);
    expect(box.log().filter(({ stream }) => stream === "stderr")).toHaveLength(1);
    expect((await collect(stuck)).length).toBeLessThan(4_000_000);
  });
});
