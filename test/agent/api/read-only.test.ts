// The socket of containers that may look and not touch, under attack: what readers ask is answered,
// and no request, however it is dressed, changes anything or takes contents out.
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../../lab/shell.ts";
import { AgentEngine, whyNoAgent } from "../../providers/engine/reconcile/agent-engine.ts";

const missing = whyNoAgent();

describe.skipIf(missing !== undefined)(`the read-only socket (skipped: ${missing ?? "no"})`, () => {
  const engine = new AgentEngine();
  let running = "";
  beforeAll(async () => {
    await engine.start();
    const tar = ["-C", engine.rootfs, "-cf", join(engine.folder, "root.tar"), "."];
    await run("tar", ...tar);
    await engine.docker("import", join(engine.folder, "root.tar"), "app:1");
    running = (await engine.docker("run", "-d", "-e", "A=b", "app:1", "sleep", "600")).trim();
  });
  afterAll(() => engine.stop());

  /** What the socket answers to these bytes, until it closes or has answered so many requests. */
  async function ask(bytes: string, answers = 1): Promise<{ statuses: number[]; all: string }> {
    const client = connect(join(engine.folder, "run/reader.sock"));
    let all = "";
    const statuses = () => [...all.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, code]) => Number(code));
    await new Promise<void>((done) => {
      client.on("data", (chunk) => {
        all += chunk;
        if (statuses().length === answers) setTimeout(done, 10);
      });
      client.on("close", () => done());
      client.on("error", () => done());
      client.setTimeout(5000, done);
      client.write(bytes);
    });
    client.destroy();
    return { statuses: statuses(), all };
  }
  const request = (method: string, path: string, headers: string[] = [], body = "") =>
    [`${method} ${path} HTTP/1.1`, "Host: a", ...headers, "", body].join("\r\n");
  const closing = "Connection: close";
  const json = (body: string) => [
    "Content-Type: application/json",
    `Content-Length: ${body.length}`,
  ];
  const create = '{"Image":"app:1","Cmd":["true"],"HostConfig":{"Privileged":true}}';

  test.each([
    ["/_ping"],
    ["/v1.24/version"],
    ["/v1.43/containers/json?all=1"],
    ["/v1.24/containers/ID/json"],
    ["/containers/ID/logs?stdout=1"],
    ["/containers/ID/stats?stream=false&one-shot=true"],
    ["/containers/ID/top"],
    ["/images/json"],
    ["/images/app:1/json"],
    ["/networks"],
    ["/volumes"],
    ["/info"],
    ["/events?since=0&until=1"],
  ])("answers what Traefik, Portainer and nginx-proxy read: GET %s", async (path) => {
    expect((await ask(request("GET", path.replace("ID", running), [closing]))).statuses).toEqual([
      200,
    ]);
  });

  const smuggled = request("POST", "/containers/create?name=evil", json(create), create);
  const upgrade = ["Connection: Upgrade", "Upgrade: tcp"];
  test.each<[what: string, bytes: () => string, statuses: number[]]>([
    ["a creation", () => smuggled, [403]],
    ["a kill", () => request("POST", `/containers/${running}/kill`, [closing]), [403]],
    [
      "a removal",
      () => request("DELETE", `/v1.43/containers/${running}?force=1`, [closing]),
      [403],
    ],
    ["an exec", () => request("POST", `/containers/${running}/exec`, json("{}"), "{}"), [403]],
    ["the start of an exec", () => request("POST", "/exec/a/start", upgrade), [403]],
    ["an attach", () => request("POST", `/containers/${running}/attach?stdin=1`, upgrade), [403]],
    ["an attach by GET", () => request("GET", `/containers/${running}/attach/ws`, upgrade), [403]],
    ["an upload", () => request("PUT", `/containers/${running}/archive?path=/`, [closing]), [403]],
    ["files", () => request("GET", `/containers/${running}/archive?path=/etc`, [closing]), [403]],
    ["an export", () => request("GET", `/containers/${running}/export`, [closing]), [403]],
    ["an image's content", () => request("GET", "/images/app:1/get", [closing]), [403]],
    ["images' content", () => request("GET", "/images/get?names=app:1", [closing]), [403]],
    ["a registry by the host", () => request("GET", "/distribution/a.b/c/json", [closing]), [403]],
    ["routes of fairlead", () => request("GET", "/fairlead/info", [closing]), [403]],
    ["project files", () => request("GET", "/fairlead/projects/a/files", [closing]), [403]],
    ["a way up", () => request("GET", "/containers/json/../../images/get", [closing]), [403]],
    ["an encoded way up", () => request("GET", "/images/%2e%2e/images/get", [closing]), [403]],
    ["an encoded slash", () => request("GET", "/images/app:1%2Fget", [closing]), [403]],
    ["a name that ends well", () => request("GET", "/images/app:1/get?x=/json", [closing]), [403]],
    ["a URL as its path", () => request("POST", "http://a/containers/create", [closing]), [403]],
    ["a tunnel", () => request("CONNECT", "a:1"), []],
    [
      "another method in a header",
      () => request("GET", "/containers/create", ["X-HTTP-Method-Override: POST", closing]),
      [403],
    ],
    ["a second request behind the first", () => request("GET", "/_ping") + smuggled, [200, 403]],
    [
      "a second request in the body of the first",
      () => request("GET", "/_ping", [`Content-Length: ${smuggled.length}`, closing], smuggled),
      [200],
    ],
    [
      "a body with two lengths",
      () => {
        const lengths = ["Content-Length: 5", "Transfer-Encoding: chunked"];
        return request("GET", "/_ping", lengths, `0\r\n\r\n${smuggled}`);
      },
      [400],
    ],
    [
      "a length that is written twice",
      () => request("GET", "/_ping", ["Content-Length: 0", "Content-Length: 9"], smuggled),
      [400],
    ],
    [
      "a line that is folded",
      () => request("GET", "/_ping", ["X: a", " Transfer-Encoding: chunked", closing], smuggled),
      [400],
    ],
    ["an upgrade of something harmless", () => request("GET", "/_ping", upgrade) + smuggled, [200]],
    [
      "an upgrade to HTTP/2",
      () =>
        request("GET", "/_ping", ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c"]) +
        smuggled,
      [200],
    ],
  ])("refuses %s", async (_what, bytes, statuses) => {
    const answer = await ask(bytes(), statuses.length);
    expect(answer.statuses).toEqual(statuses);
    expect(answer.all).not.toContain("HTTP/1.1 101");
    const left = await engine.docker("ps", "-aq", "--no-trunc");
    expect(left.trim().split("\n")).toEqual([running]);
  });
});
