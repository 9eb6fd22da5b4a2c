import { once } from "node:events";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchShim } from "../../../agent/runtime/shim.ts";
import { alive, BINARY, makeShimLab, type Specimen, whyNot } from "./shim-lab.ts";

/** Sends raw bytes and returns everything that comes back until the shim closes. */
function talk(socket: string, bytes: string | Buffer): Promise<string> {
  return new Promise((done, failed) => {
    let text = "";
    const line = connect(socket);
    line.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
    });
    line.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE" && error.code !== "ECONNRESET") failed(error);
    });
    line.on("close", () => done(text));
    line.write(bytes);
  });
}

const reason = whyNot();
describe.skipIf(reason)(`the control socket${reason ? ` (skipped: ${reason})` : ""}`, () => {
  const lab = makeShimLab();
  let box: Specimen;
  let shimPid = 0;
  beforeAll(async () => {
    box = lab.specimen({ run: ["/bin/sleep", "600"] });
    ({ shimPid } = await box.begin());
  });
  afterAll(() => lab.clean());

  test("is for root only", () => {
    expect(statSync(box.client.socket).mode & 0o777).toBe(0o600);
  });

  test.each([
    ["no JSON", "hello\n", /parse request/],
    ["an empty line", "\n", /parse request/],
    ["an array", "[]\n", /must be a JSON object/],
    ["no op", "{}\n", /op must be a string/],
    ["an op of another type", '{"op":5}\n', /op must be a string/],
    ["an unknown op", '{"op":"launch missiles"}\n', /unknown.*launch missiles/],
    ["a deep nest", `${"[".repeat(100_000)}\n`, /nested deeper/],
    [
      "a deep object",
      `{"op":"exec","process":${'{"a":'.repeat(99)}1${"}".repeat(99)}}\n`,
      /deeper/,
    ],
    ["an endless line", "x".repeat(2 << 20), /longer than 1 MiB/],
    ["a signal out of range", '{"op":"kill","signal":4096}\n', /signal must be/],
    ["a signal of another type", '{"op":"kill","signal":"9"}\n', /signal must be/],
    ["a broken exec", '{"op":"exec","id":"x","process":[]}\n', /process must be/],
    ["an exec without arguments", '{"op":"exec","id":"x","process":{"cwd":"/"}}\n', /ok":false/],
    ["a huge terminal", '{"op":"resize","rows":1e9,"cols":1}\n', /rows must be/],
    ["a resize without terminal", '{"op":"resize","rows":1,"cols":1}\n', /no terminal/],
    [
      "broken UTF-8",
      Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d, 0x0a]),
      /op must be/,
    ],
    ["a NUL in a name", '{"op":"st\\u0000ate"}\n', /NUL/],
    ["a bad policy", '{"op":"update","restart":{"policy":"maybe"}}\n', /policy must be/],
  ])("refuses %s with a reason and lives on", async (_, bytes, expected) => {
    const answer = await talk(box.client.socket, bytes);
    expect(answer).toMatch(expected);
    expect(JSON.parse(answer)).toMatchObject({ ok: false, error: { step: expect.any(String) } });
    expect(await box.client.state()).toMatchObject({ status: "running", shimPid });
  });

  test("takes a hundred clients that say nothing or leave in the middle", async () => {
    const lines = Array.from({ length: 100 }, (_, i) => {
      const line = connect(box.client.socket);
      line.on("error", () => {});
      if (i % 2 === 0) line.write('{"op":"sta');
      return line;
    });
    expect(await box.client.state()).toMatchObject({ status: "running" });
    for (const line of lines) line.destroy();
    expect(await box.client.state()).toMatchObject({ status: "running" });
  });

  test("a second shim for the same bundle is refused and harms nothing", async () => {
    await expect(box.launch()).rejects.toMatchObject({ code: "conflict" });
    const elsewhere = { binary: BINARY, bundle: box.bundle, socket: `${lab.folder}/other.sock` };
    await expect(launchShim(elsewhere)).rejects.toMatchObject({ code: "conflict" });
    expect(await box.client.state()).toMatchObject({ status: "running", shimPid });
  });

  test.each([
    ["no bundle in it", "shim.json", undefined, /No such file/],
    ["a shim.json that is no JSON", "shim.json", "nope", /shim.json/],
    ["an id that is none", "shim.json", '{"id":"../../etc"}', /id must be 64/],
    ["a config.json that is no JSON", "config.json", "nope", /config\.json/],
  ])("a launch with %s fails in one line and leaves nothing", async (_, file, text, expected) => {
    const broken = lab.specimen({ run: "true" });
    if (text !== undefined) writeFileSync(`${broken.bundle}/${file}`, text);
    const bundle = text === undefined ? lab.folder : broken.bundle;
    const launched = launchShim({ binary: BINARY, bundle, socket: broken.client.socket });
    await expect(launched).rejects.toThrow(expected);
    expect(existsSync(broken.client.socket)).toBe(false);
    expect(existsSync(`${broken.bundle}/state.json`)).toBe(false);
  });

  test("a port that was just left is taken, and then kept from all others", async () => {
    const server = createServer((socket) => socket.end()).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    // The side that closes first keeps the connection in TIME_WAIT.
    const client = connect(port, "127.0.0.1").resume();
    await once(client, "close");
    server.close();
    await once(server, "close");
    const reservePorts = [{ protocol: "tcp" as const, ip: "127.0.0.1", port }];
    const holder = lab.specimen({ run: "sleep 600", settings: { reservePorts } });
    await holder.begin();
    const [refused] = await once(connect(port, "127.0.0.1"), "error");
    expect(refused).toMatchObject({ code: "ECONNREFUSED" });
    for (const ip of ["127.0.0.1", "0.0.0.0"]) {
      const other = createServer().listen(port, ip);
      expect((await once(other, "error"))[0]).toMatchObject({ code: "EADDRINUSE" });
    }
    await holder.client.stop(9, 0);
    await holder.ended();
  });

  test("a reserved port is refused to others, and taken ones are named", async () => {
    const port = 20_000 + (process.pid % 10_000);
    const reservePorts = [{ protocol: "tcp" as const, ip: "127.0.0.1", port }];
    const holder = lab.specimen({ run: "sleep 600", settings: { reservePorts } });
    await holder.begin();
    const second = lab.specimen({ run: "sleep 600", settings: { reservePorts } });
    await expect(second.launch()).rejects.toMatchObject({
      code: "conflict",
      path: `tcp 127.0.0.1:${port}`,
    });
    await holder.client.stop(9, 0);
    await holder.ended();
    expect(alive(shimPid)).toBe(true);
  });

  test("reload takes new settings, and refuses broken ones", async () => {
    box.rewrite({ restart: { policy: "always", maxRetries: 0 } });
    await box.client.reload();
    box.rewrite({ restart: { policy: "sometimes" as never, maxRetries: 0 } });
    await expect(box.client.reload()).rejects.toThrow(/policy must be/);
    box.rewrite({ restart: { policy: "no", maxRetries: 0 } });
    await box.client.reload();
  });
});
