import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { BINARY } from "./shim-lab.ts";

describe("dial-stdio", () => {
  const folder = mkdtempSync(join(tmpdir(), "frelay-"));
  const path = join(folder, "s.sock");
  let onLine: (line: Socket) => void = () => {};
  const server = createServer({ allowHalfOpen: true }, (line) => onLine(line)).listen(path);
  afterEach(() => {
    onLine = () => {};
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("carries both directions whole, and half-closes apart", async () => {
    onLine = (line) => {
      const hash = createHash("sha256");
      line.on("data", (bytes) => hash.update(bytes));
      line.on("end", () => line.end(`${hash.digest("hex")} ${"z".repeat(300_000)}`));
    };
    const relay = spawn(BINARY, ["dial-stdio", path], { stdio: ["pipe", "pipe", "inherit"] });
    const input = Buffer.alloc(5_000_000, "abcdefg");
    relay.stdin.end(input);
    let text = "";
    for await (const chunk of relay.stdout) text += chunk;
    const expected = createHash("sha256").update(input).digest("hex");
    expect(text).toBe(`${expected} ${"z".repeat(300_000)}`);
  });

  test("ends when the far side does, whatever stdin does", async () => {
    onLine = (line) => line.end("bye");
    const relay = spawn(BINARY, ["dial-stdio", path], { stdio: ["pipe", "pipe", "inherit"] });
    relay.stdin.on("error", () => {});
    const [code] = await once(relay, "exit");
    expect(code).toBe(0);
  });

  test("says what it could not reach", async () => {
    const relay = spawn(BINARY, ["dial-stdio", join(folder, "none")]);
    let text = "";
    relay.stderr.on("data", (chunk) => {
      text += chunk;
    });
    const [code] = await once(relay, "close");
    expect(code).toBe(1);
    expect(text).toMatch(/^fairlead: connect: .*none: No such file or directory\n$/);
  });
});
