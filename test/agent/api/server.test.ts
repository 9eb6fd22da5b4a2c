import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Call, Reply, Route } from "../../../agent/api/route.ts";
import { type ApiServer, createApi } from "../../../agent/api/server.ts";
import { FairleadError } from "../../../resources/model/errors.ts";

describe("the server", () => {
  let folder: string;
  let socket: string;
  let api: ApiServer;
  const reports: string[] = [];
  const seen: Partial<Call> = {};

  const handlers: [Route["method"], string, (call: Call) => Promise<Reply | undefined>][] = [
    ["GET", "/things/:id/json", async (call) => ({ body: { id: call.params.id } })],
    ["GET", "/version-of", async (call) => ({ body: call.apiVersion })],
    ["POST", "/echo", async (call) => ({ body: (await call.json()) ?? null })],
    ["GET", "/images/*", async (call) => ({ body: call.params["*"] })],
    ["DELETE", "/things/:id", async () => ({})],
    ["GET", "/same", async () => Promise.reject(new FairleadError("not_modified", "no news"))],
    [
      "GET",
      "/refused",
      async () =>
        Promise.reject(new FairleadError("conflict", "it is taken", { hint: "choose another" })),
    ],
    ["GET", "/broken", async () => Promise.reject(new TypeError("a fault"))],
    ["POST", "/hijack", hijack],
    ["GET", "/waits", waits],
  ];

  async function hijack(call: Call): Promise<undefined> {
    const body = await call.json();
    const stream = await call.hijack("application/vnd.docker.raw-stream");
    stream.write(`body ${JSON.stringify(body)};`);
    stream.end(`stdin ${await text(stream)};`);
  }

  async function waits(call: Call): Promise<undefined> {
    call.response.writeHead(200).flushHeaders();
    await new Promise((resolve) => call.signal.addEventListener("abort", resolve));
    Object.assign(seen, { signal: call.signal });
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "api-"));
    socket = join(folder, "s");
    const routes = handlers.map(([method, path, handle]) => ({ method, path, handle }));
    api = createApi({ early: [], progress: () => "", report: (line) => reports.push(line) });
    api.open(routes);
    await new Promise<void>((resolve) => api.server.listen(socket, resolve));
  });
  afterAll(async () => {
    await api.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const ask = (method: string, path: string, body?: string, headers = {}) =>
    new Promise<{ status: number | undefined; text: string; headers: object }>(
      (resolve, reject) => {
        const sent = request({ socketPath: socket, method, path, headers }, async (response) => {
          const { statusCode: status } = response;
          resolve({ status, text: (await text(response)).trim(), headers: response.headers });
        });
        sent.on("error", reject);
        sent.end(body);
      },
    );
  const raw = (bytes: string) =>
    new Promise<string>((resolve, reject) => {
      const client = connect({ path: socket, allowHalfOpen: true });
      client.on("error", reject);
      client.end(bytes);
      resolve(text(client));
    });

  test.each([
    ["GET", "/v1.41/things/a%2Fb/json", 200, '{"id":"a/b"}'],
    ["GET", "/things/x/json", 200, '{"id":"x"}'],
    ["GET", "/v1.30/version-of", 200, "1.3"],
    ["GET", "/version-of", 200, "1.51"],
    ["GET", "/images/a/b:c/json", 200, '"a/b:c/json"'],
    ["DELETE", "/things/x", 204, ""],
    ["GET", "/same", 304, ""],
    ["GET", "/refused", 409, '{"message":"it is taken: choose another"}'],
    ["GET", "/broken", 500, '{"message":"a fault"}'],
    ["GET", "/nope", 404, '{"message":"page not found"}'],
    ["PUT", "/echo", 404, '{"message":"page not found"}'],
    ["GET", "/things/%ff/json", 404, '{"message":"page not found"}'],
    ["GET", "/v9.9/version-of", 404, '{"message":"page not found"}'],
  ])("answers %s %s with %i", async (method, path, status, body) => {
    expect(await ask(method, path)).toMatchObject({ status, text: body });
  });

  test("tells who it is in every answer", async () => {
    const { headers } = await ask("GET", "/nope");
    expect(headers).toMatchObject({ "api-version": "1.51", ostype: "linux" });
  });

  test.each([
    ["/v1.99/version-of", "too new. Maximum supported API version is 1.51"],
    ["/v1.12/version-of", "too old. Minimum supported API version is 1.24"],
  ])("refuses %s", async (path, message) => {
    const answer = await ask("GET", path);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain(message);
  });

  test.each([
    ['{"a":1}', {}, 200, '{"a":1}'],
    ["", {}, 200, "null"],
    ["{", {}, 400, "invalid JSON: "],
    ["{}", { "content-type": "text/plain" }, 400, "unsupported Content-Type header (text/plain)"],
    [`"${"x".repeat(5 << 20)}"`, {}, 400, "larger than"],
  ])("reads the body %.20s… with %j", async (body, headers, status, message) => {
    const type = { "content-type": "application/json" };
    const answer = await ask("POST", "/echo", body, { ...type, ...headers });
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(message);
  });

  test("reports its own faults and nobody else's", () => {
    expect(reports.some((line) => line.includes("TypeError: a fault"))).toBe(true);
    expect(reports.every((line) => line.includes("/broken"))).toBe(true);
  });

  test("takes a connection over behind the body, and closes each half by itself", async () => {
    const body = '{"Tty":false}';
    const head = [
      "POST /v1.41/hijack HTTP/1.1",
      "Host: x",
      "Connection: Upgrade",
      "Upgrade: tcp",
      "Content-Type: application/json",
      `Content-Length: ${body.length}`,
    ].join("\r\n");
    const answer = await raw(`${head}\r\n\r\n${body}typed`);
    expect(answer).toMatch(/^HTTP\/1.1 101 /);
    expect(answer).toContain("Upgrade: tcp");
    expect(answer).toMatch(/\r\n\r\nbody \{"Tty":false\};stdin typed;$/);
  });

  test("streams to a client that does not upgrade", async () => {
    const { status, text: answer } = await ask("POST", "/hijack", "", {});
    expect(status).toBe(200);
    expect(answer).toBe("body undefined;stdin ;");
  });

  test("refuses an upgrade that it has no route for", async () => {
    const answer = await raw(
      "POST /session HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
    );
    expect(answer).toMatch(/^HTTP\/1.1 404 /);
    expect(answer).toContain('{"message":"page not found"}');
  });

  test.each([
    "nonsense\r\n\r\n",
    "GET / HTTP/1.1\r\nA: B\0\r\n\r\n",
    `GET /${"a".repeat(1 << 17)}`,
  ])("survives %.20s", async (bytes) => {
    expect(await raw(bytes)).toMatch(/^HTTP\/1.1 400 /);
    expect((await ask("GET", "/version-of")).status).toBe(200);
  });

  test("tells a handler that its client has left", async () => {
    const sent = request({ socketPath: socket, path: "/waits" });
    sent.on("error", () => undefined);
    sent.on("response", () => sent.destroy());
    sent.end();
    for (let tries = 0; tries < 100 && !seen.signal; tries += 1) await sleep(20);
    expect(seen.signal?.aborted).toBe(true);
  });
});
