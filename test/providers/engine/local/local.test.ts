import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { LocalTransport } from "../../../../providers/engine/local/local.ts";

const local = new LocalTransport();

test("a command gets its arguments as they are, and its input", async () => {
  const result = await local.exec(
    ["sh", "-c", 'cat; printf "%s" "$1" >&2; exit 3', "sh", "$(id)"],
    {
      stdin: Readable.from([Buffer.from("one "), Buffer.from("two")]),
    },
  );
  expect(result).toEqual({ code: 3, stdout: "one two", stderr: "$(id)" });
});

test("death by a signal is 128 and its number, a missing program 127", async () => {
  expect((await local.exec(["sh", "-c", "kill -9 $$"])).code).toBe(137);
  expect((await local.exec(["/no/such/program"])).code).toBe(127);
});

test("a command that stops reading is not an error, a failing source is", async () => {
  const endless = Readable.from(
    (function* () {
      for (let i = 0; i < 1000; i++) yield Buffer.alloc(65536);
    })(),
  );
  expect((await local.exec(["true"], { stdin: endless })).code).toBe(0);
  const broken = new Readable({ read: () => {} });
  setTimeout(() => broken.destroy(new Error("disk gone")), 20);
  await expect(local.exec(["cat"], { stdin: broken })).rejects.toThrow("disk gone");
});

test("output has a bound, and an abort ends the command", async () => {
  const much = ["sh", "-c", "yes | head -c 100000"];
  await expect(local.exec(much, { maxOutputBytes: 1000 })).rejects.toThrow(/more than 1000/);
  const signal = AbortSignal.timeout(50);
  const started = Date.now();
  await expect(local.exec(["sleep", "20"], { signal })).rejects.toThrow();
  expect(Date.now() - started).toBeLessThan(5000);
});

test("a socket is joined with half-close, and an absent one is unavailable", async () => {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-local-"));
  const path = join(folder, "s.sock");
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    text(socket).then((all) => socket.end(`got ${all}`));
  });
  try {
    await expect(local.openStream(path)).rejects.toMatchObject({ code: "unavailable" });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const stream = await local.openStream(path);
    stream.end("hello");
    expect(await text(stream)).toBe("got hello");
  } finally {
    server.close();
    rmSync(folder, { recursive: true });
  }
});
