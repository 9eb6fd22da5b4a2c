import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { launchShim, ShimClient } from "../../../agent/runtime/shim.ts";
import { ShimError, type ShimEvent } from "../../../agent/runtime/shim-protocol.ts";

type Play = (line: Socket, request: Record<string, unknown>) => void;

describe("the client of a shim", () => {
  const folder = mkdtempSync(join(tmpdir(), "fshimc-"));
  const path = join(folder, "s.sock");
  let server: Server;
  let play: Play = () => {};

  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeEach(async () => {
    server = createServer({ allowHalfOpen: true }, (line) => {
      line.on("error", () => {});
      line.once("data", (bytes) => play(line, JSON.parse(bytes.toString())));
    });
    await new Promise<void>((listening) => server.listen(path, listening));
  });
  afterEach(() => {
    server.close();
    rmSync(path, { force: true });
  });

  test("sends one request and reads an answer that comes in pieces", async () => {
    play = (line, request) => {
      expect(request).toEqual({ op: "inspect_exec", id: "x" });
      line.write('{"ok":true,"running":fal');
      setTimeout(() => line.end('se,"pid":7,"exitCode":3}\n'), 20);
    };
    const status = await new ShimClient(path).inspectExec("x");
    expect(status).toEqual({ running: false, pid: 7, exitCode: 3 });
  });

  test("bytes after the answer belong to the stream; its halves close apart", async () => {
    play = (line) => {
      line.write('{"ok":true}\nfirst ');
      line.on("data", (bytes) => line.write(`echo ${bytes}`));
      line.on("end", () => line.end(" last"));
    };
    const stream = await new ShimClient(path).attach({ stdin: true, stdout: true, stderr: true });
    stream.end("input");
    let text = "";
    for await (const chunk of stream) text += chunk;
    expect(text).toBe("first echo input last");
  });

  test.each([
    [2, "not_found"],
    [3, "conflict"],
    [22, "invalid"],
    [95, "unsupported"],
    [98, "conflict"],
    [5, "internal"],
  ])("errno %d is %s", async (errno, code) => {
    play = (line) =>
      line.end(`{"ok":false,"error":{"step":"s","errno":${errno},"path":"/p","message":"m"}}\n`);
    const failure = await new ShimClient(path).start().catch((error) => error);
    expect(failure).toBeInstanceOf(ShimError);
    expect(failure).toMatchObject({ code, errno, step: "s", path: "/p", message: "m" });
  });

  test.each([
    ["silence", (line: Socket) => line.end()],
    ["no JSON", (line: Socket) => line.end("what\n")],
    ["no object", (line: Socket) => line.end("[1]\n")],
    ["a line without end", (line: Socket) => line.end("x".repeat(2 << 20))],
    ["half an answer", (line: Socket) => line.end('{"ok":true')],
  ])("a shim that answers with %s is an error", async (_, answer) => {
    play = answer;
    await expect(new ShimClient(path).state()).rejects.toMatchObject({
      name: "FairleadError",
      code: expect.stringMatching(/unavailable|internal/),
    });
  });

  test("nobody there is unavailable", async () => {
    const client = new ShimClient(join(folder, "none.sock"));
    await expect(client.state()).rejects.toMatchObject({ code: "unavailable" });
  });

  test("a watch tells every event and ends with the shim, or when it is aborted", async () => {
    const events: ShimEvent[] = [];
    const states: unknown[] = [];
    play = (line) => {
      line.write('{"ok":true,"state":{"status":"created"}}\n{"event":"started","state":{}}\n{"eve');
      setTimeout(() => line.end('nt":"exited","state":{}}\n{"event":"cut'), 20);
    };
    const onState = (state: unknown) => states.push(state);
    await new ShimClient(path).watch((event) => events.push(event), undefined, onState);
    expect(events.map(({ event }) => event)).toEqual(["started", "exited"]);
    expect(states).toEqual([{ status: "created" }]);
    play = (line) => line.write('{"ok":true,"state":{}}\n');
    const stop = new AbortController();
    const watching = new ShimClient(path).watch(() => {}, stop.signal);
    setTimeout(() => stop.abort(), 50);
    await watching;
  });

  test("a socket path beyond what the kernel takes is refused at once", async () => {
    const long = `/tmp/${"x".repeat(110)}`;
    expect(() => new ShimClient(long)).toThrow(/longer than 107 bytes/);
    const launch = { binary: "/bin/true", bundle: "/tmp", socket: long };
    await expect(launchShim(launch)).rejects.toMatchObject({ code: "invalid" });
  });

  test.each([
    ["/bin/true", /ended before an answer/],
    ["/nonexistent/binary", /ENOENT/],
  ])("a binary that is none is told of: %s", async (binary, expected) => {
    const launch = { binary, bundle: "/tmp", socket: path };
    await expect(launchShim(launch)).rejects.toThrow(expected);
  });
});
