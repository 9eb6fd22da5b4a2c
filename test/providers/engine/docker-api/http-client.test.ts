import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EngineRequest } from "../../../../providers/engine/docker-api/client.ts";
import { brokenRequest } from "../../../../providers/engine/docker-api/failure.ts";
import { framesOf } from "../../../../providers/engine/docker-api/frames.ts";
import { HttpClient } from "../../../../providers/engine/docker-api/http-client.ts";
import { identifyAgent, identifyEngine } from "../../../../providers/engine/docker-api/identify.ts";
import { jsonLines } from "../../../../providers/engine/docker-api/json-lines.ts";
import { LocalTransport } from "../../../../providers/engine/local/local.ts";
import { NO_CAPABILITIES } from "../../../../resources/plan/observed.ts";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const docker28 = { engine: "docker", addressDrivers: [], can: () => NO_CAPABILITIES };

describe("the client of an engine", () => {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-client-"));
  const socket = join(folder, "engine.sock");
  let handle: Handler = () => {};
  let connections = 0;
  const server = createServer((request, response) => handle(request, response));
  let engine: HttpClient;

  beforeAll(async () => {
    server.on("connection", () => connections++);
    server.on("upgrade", (request, stream, head) => {
      if (request.url?.endsWith("/refuse")) {
        const body = JSON.stringify({ message: "container is \u001b[31mpaused" });
        stream.end(`HTTP/1.1 409 Conflict\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
        return;
      }
      stream.write("HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\n");
      stream.write("Connection: Upgrade\r\nUpgrade: tcp\r\n\r\nearly ");
      stream.unshift(head);
      text(stream).then((all) => stream.end(`got ${all}`));
    });
    // Node's own server closes the whole connection when the client half-closes it.
    (server as unknown as { httpAllowHalfOpen: boolean }).httpAllowHalfOpen = true;
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    engine = new HttpClient("web-1", new LocalTransport(), socket);
    engine.identify({
      engine: "docker",
      version: "28.0",
      apiVersion: "1.47",
      can: NO_CAPABILITIES,
    });
  });
  afterAll(async () => {
    await engine.close();
    server.close();
    rmSync(folder, { recursive: true });
  });

  const answer = (status: number, body: unknown) => {
    handle = (_request, response) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(body === undefined ? undefined : JSON.stringify(body));
    };
  };
  const get = (path: string): EngineRequest => ({ method: "GET", path });

  test("takes no fault of its own for a host that is away", async () => {
    const broken = brokenRequest("web-1", new TypeError("request is no function"), get("/x"));
    expect(broken).toBeInstanceOf(TypeError);
    expect(brokenRequest("web-1", new Error("other side closed"), get("/x"))).toMatchObject({
      code: "unavailable",
    });
  });

  test("sends version, query and JSON, and keeps its connections", async () => {
    const seen: unknown[] = [];
    handle = (request, response) => {
      text(request).then((body) => {
        seen.push([request.method, request.url, request.headers["content-type"], body]);
        response.end("{}");
      });
    };
    const query = { all: true, filters: '{"a":["b c&d"]}', none: undefined };
    await engine.json({ method: "GET", path: "/containers/json", query });
    await engine.json({ method: "POST", path: "/fairlead/observe", body: { project: "p" } });
    await engine.json({ method: "PUT", path: "/x", body: Buffer.from([1, 2]) });
    await engine.json({ method: "PUT", path: "/y", body: Readable.from(["a", "b"]) });
    expect(seen).toEqual([
      [
        "GET",
        "/v1.47/containers/json?all=true&filters=%7B%22a%22%3A%5B%22b+c%26d%22%5D%7D",
        undefined,
        "",
      ],
      ["POST", "/fairlead/observe", "application/json", '{"project":"p"}'],
      ["PUT", "/v1.47/x", undefined, "\u0001\u0002"],
      ["PUT", "/v1.47/y", undefined, "ab"],
    ]);
    expect(connections).toBe(1);
  });

  const refusals: [number, string, string][] = [
    [400, "invalid", "bad parameter"],
    [401, "forbidden", "no basic auth credentials"],
    [403, "forbidden", "no"],
    [404, "not_found", "No such container: x"],
    [409, "conflict", "name in use"],
    [418, "invalid", "teapot"],
    [500, "internal", "boom"],
    [501, "unsupported", "not here"],
    [503, "unavailable", "starting"],
  ];
  for (const [status, code, message] of refusals) {
    test(`decodes ${status} as ${code}`, async () => {
      answer(status, { message });
      const failed = engine.json(get("/x"));
      await expect(failed).rejects.toMatchObject({ code, message: `web-1: ${message}` });
    });
  }

  test("takes 204 and 304 as answers without a body", async () => {
    answer(204, undefined);
    expect(await engine.json({ method: "POST", path: "/x" })).toBeUndefined();
    answer(304, undefined);
    expect(await engine.json({ method: "POST", path: "/x" })).toBeUndefined();
  });

  test("shows an error of a hostile engine without its escapes, and not all of it", async () => {
    handle = (_request, response) => {
      response.statusCode = 500;
      response.end(`\u001b]0;pwned\u0007${"y".repeat(3_000_000)}`);
    };
    const error = await engine.json(get("/x")).catch((caught: Error) => caught);
    expect((error as Error).message.startsWith("web-1: ?]0;pwned?yyy")).toBe(true);
    expect((error as Error).message.length).toBeLessThan(70_000);
  });

  test("refuses paths that would leave the route", async () => {
    for (const path of ["containers", "/a b", "/a?x=1", "/a#b", "/a/../b", "/a\r\nX: y"]) {
      await expect(engine.json(get(path))).rejects.toMatchObject({ code: "invalid" });
    }
  });

  test("says so when the engine stops answering, breaks off, or talks nonsense", async () => {
    handle = () => {};
    const silent = engine.json({ ...get("/x"), idleTimeoutMs: 100 });
    await expect(silent).rejects.toMatchObject({ code: "unavailable", message: /stopped answer/ });
    handle = (_request, response) => response.destroy();
    await expect(engine.json(get("/x"))).rejects.toMatchObject({ code: "unavailable" });
    handle = (_request, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("{");
      setTimeout(() => response.destroy(), 20);
    };
    await expect(engine.json(get("/x"))).rejects.toMatchObject({ code: "unavailable" });
    handle = (_request, response) => response.end("<html>");
    await expect(engine.json(get("/x"))).rejects.toMatchObject({ code: "internal" });
  });

  test("stops when told to", async () => {
    handle = () => {};
    const signal = AbortSignal.timeout(50);
    await expect(engine.json({ ...get("/x"), signal })).rejects.toThrow(/aborted/);
  });

  test("streams both ways without gathering", async () => {
    handle = (request, response) => request.pipe(response);
    const chunk = Buffer.alloc(1 << 16, "a");
    const body = Readable.from(
      (function* () {
        for (let i = 0; i < 320; i++) yield chunk;
      })(),
    );
    const { body: back } = await engine.stream({ method: "PUT", path: "/x", body });
    let bytes = 0;
    for await (const part of back) bytes += part.length;
    expect(bytes).toBe(320 << 16);
  });

  test("hijacks a connection with half-close, and decodes a refusal", async () => {
    const body = { Tty: false };
    const stream = await engine.hijack({ method: "POST", path: "/exec/1", body });
    stream.end("input");
    expect((await buffer(stream)).toString()).toBe('early got {"Tty":false}input');
    await expect(engine.hijack({ method: "POST", path: "/refuse" })).rejects.toMatchObject({
      code: "conflict",
      message: "web-1: container is ?[31mpaused",
    });
  });

  test("agrees on a version with the engine", async () => {
    const other = () => new HttpClient("h", new LocalTransport(), socket);
    const versions: [string, string][] = [
      ["1.41", "1.41"],
      ["1.99", "1.51"],
      ["1.24", "1.24"],
    ];
    for (const [theirs, agreed] of versions) {
      answer(200, { Version: "20.10", ApiVersion: theirs });
      const docker = other();
      await identifyEngine(docker, docker28);
      expect(docker).toMatchObject({ engine: "docker", version: "20.10", apiVersion: agreed });
      await docker.close();
    }
    answer(200, { Version: "1.9", ApiVersion: "1.21" });
    await expect(identifyEngine(other(), docker28)).rejects.toThrow(/too old/);
    answer(200, { hello: 1 });
    await expect(identifyEngine(other(), docker28)).rejects.toThrow(/no container engine/);
    answer(404, { message: "page not found" });
    expect(await identifyAgent(other())).toBeUndefined();
  });

  test("waits for an agent that takes over its containers, and says how far", async () => {
    const counts = [0, 120, 500];
    const bodies = counts.map((recovered) => ({ recovering: { recovered, containers: 500 } }));
    handle = (_, response) => {
      const more = bodies.shift() ?? {};
      response.end(JSON.stringify({ version: "1.0.0", bundle: "b", apiVersion: "1.51", ...more }));
    };
    const told: string[] = [];
    const agent = new HttpClient("web-1", new LocalTransport({ onWait }), socket);
    function onWait({ what }: { what: string }) {
      told.push(what);
    }
    expect(await identifyAgent(agent)).toMatchObject({ version: "1.0.0", bundle: "b" });
    expect(bodies).toEqual([]);
    handle = (_, response) => {
      response.end(JSON.stringify({ version: "1", recovering: { recovered: 3, containers: 500 } }));
    };
    const leaving = AbortSignal.timeout(1300);
    await expect(identifyAgent(agent, leaving)).rejects.toThrow();
    expect(told).toEqual(["its agent takes over its containers, 3 of 500"]);
    await agent.close();
  });
});

describe("streams of an engine", () => {
  const frame = (type: number, text: string) => {
    const head = Buffer.alloc(8);
    head[0] = type;
    head.writeUInt32BE(text.length, 4);
    return Buffer.concat([head, Buffer.from(text)]);
  };
  const collect = async (bytes: Buffer, size: number) => {
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
      bytes.subarray(at * size, (at + 1) * size),
    );
    const found = { stdin: "", stdout: "", stderr: "" };
    for await (const { from, bytes: part } of framesOf(Readable.from(pieces))) {
      found[from] += part.toString();
    }
    return found;
  };

  test("are taken apart however they are cut", async () => {
    const all = Buffer.concat([
      frame(1, "out one "),
      frame(2, "err"),
      frame(1, ""),
      frame(1, "two"),
    ]);
    for (const size of [1, 3, 7, 8, 9, 1000]) {
      expect(await collect(all, size)).toEqual({ stdin: "", stdout: "out one two", stderr: "err" });
    }
    await expect(collect(all.subarray(0, 12), 5)).rejects.toThrow(/middle of a frame/);
    await expect(collect(Buffer.from("plain text"), 4)).rejects.toThrow(/framed/);
  });

  const lines = async (...pieces: string[]) => {
    const found: unknown[] = [];
    for await (const line of jsonLines(Readable.from(pieces.map((one) => Buffer.from(one))))) {
      found.push(line);
    }
    return found;
  };

  test("of lines are read however they are cut, and errors in them thrown", async () => {
    const expected = [{ a: 1 }, { b: "ü" }];
    expect(await lines('{"a":1}\n{"b":"ü"}\n')).toEqual(expected);
    expect(await lines('{"a"', ':1}\n\n{"b":', '"ü"}')).toEqual(expected);
    const failed = lines('{"status":"x"}\n{"errorDetail":{"code":404,"message":"gone\\u001b"}}\n');
    await expect(failed).rejects.toMatchObject({ code: "not_found", message: "gone?" });
    await expect(lines('{"error":"no space"}')).rejects.toThrow("no space");
    await expect(lines("nonsense\n")).rejects.toThrow(/not JSON/);
  });
});
