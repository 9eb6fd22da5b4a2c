// Our own blob routes, and the parts of Docker's image routes that no docker command shows.
import { request } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { blobOf, makeImage } from "./make-image.ts";
import { type Served, serve, servingMissing } from "./serve.ts";

const missing = servingMissing();

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  body: string;
}

describe.skipIf(missing !== undefined)(`image routes (skipped: ${missing ?? "no"})`, () => {
  let served: Served;
  beforeAll(async () => {
    served = await serve();
  });
  afterAll(() => served.stop());

  function ask(
    method: string,
    path: string,
    body?: Buffer | object,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const bytes = body === undefined || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    const type = Buffer.isBuffer(body) ? {} : { "content-type": "application/json" };
    return new Promise((resolve, reject) => {
      const sent = request(
        { socketPath: served.socket, method, path, headers: { ...type, ...headers } },
        async (response) => {
          const status = response.statusCode ?? 0;
          resolve({ status, headers: response.headers, body: await text(response) });
        },
      );
      sent.on("error", reject);
      sent.end(bytes);
    });
  }

  it("makes an image from blobs that a client sends", async () => {
    const image = await makeImage({ layers: [[{ name: "a", content: "1" }]] });
    const blobs = [image.config, image.manifest, ...image.layers];
    const digests = blobs.map(({ digest }) => digest);
    const before = await ask("POST", "/fairlead/blobs/missing", { digests });
    expect(JSON.parse(before.body)).toEqual({ missing: digests });
    for (const { digest, bytes } of blobs) {
      expect((await ask("PUT", `/fairlead/blobs/${digest}`, bytes)).status).toBe(201);
    }
    expect(JSON.parse((await ask("POST", "/fairlead/blobs/missing", { digests })).body)).toEqual({
      missing: [],
    });
    const wanted = { name: "shipped:1", manifest: image.manifest.digest };
    const made = await ask("POST", "/fairlead/images", wanted);
    expect(made.status).toBe(200);
    expect(JSON.parse(made.body.trim().split("\r\n").at(-1) ?? "")).toEqual({
      status: "Image made",
      id: image.id,
    });
    expect((await served.images.find("shipped:1"))?.id).toBe(image.id);
  });

  it("takes a blob in parts, and says where to go on", async () => {
    const blob = blobOf(Buffer.alloc(1000, "z"));
    const path = `/fairlead/blobs/${blob.digest}`;
    expect((await ask("HEAD", path)).status).toBe(404);
    const put = (from: number, to: number) =>
      ask("PUT", path, blob.bytes.subarray(from, to), {
        "content-range": `bytes ${from}-${to - 1}/1000`,
      });
    const first = await put(0, 300);
    expect([first.status, first.headers.range]).toEqual([202, "bytes=0-299"]);
    const held = await ask("HEAD", path);
    expect([held.status, held.headers["content-length"]]).toEqual([206, "300"]);
    expect((await put(500, 1000)).status).toBe(409);
    expect((await put(300, 1000)).status).toBe(201);
    const whole = await ask("HEAD", path);
    expect([whole.status, whole.headers["content-length"]]).toEqual([200, "1000"]);
  });

  it("lets a new upload take the place of one that fell silent", async () => {
    const blob = blobOf(Buffer.alloc(1000, "q"));
    const path = `/fairlead/blobs/${blob.digest}`;
    const headers = { "content-length": "1000" };
    const silent = request({ socketPath: served.socket, method: "PUT", path, headers });
    silent.on("error", () => undefined);
    silent.write(blob.bytes.subarray(0, 400));
    for (let held = 0; held < 400; ) {
      held = await served.images.content.blobs.partialSize(blob.digest);
      await sleep(10);
    }
    expect((await ask("PUT", path, blob.bytes)).status).toBe(503);
    await sleep(3100);
    const rest = { "content-range": "bytes 400-999/1000" };
    expect((await ask("PUT", path, blob.bytes.subarray(400), rest)).status).toBe(201);
    silent.destroy();
  });

  const refusals: [string, string, string, Buffer | object | undefined, number, RegExp][] = [
    [
      "a name that is no digest",
      "PUT",
      "/fairlead/blobs/..%2f..%2fetc",
      Buffer.from("x"),
      400,
      /no sha256/,
    ],
    [
      "other content",
      "PUT",
      `/fairlead/blobs/sha256:${"0".repeat(64)}`,
      Buffer.from("x"),
      400,
      /digest mismatch/,
    ],
    [
      "digests of the wrong type",
      "POST",
      "/fairlead/blobs/missing",
      { digests: "all" },
      400,
      /digests/,
    ],
    ["no manifest", "POST", "/fairlead/images", { name: "x" }, 400, /manifest/],
    [
      "a manifest that is not there",
      "POST",
      "/fairlead/images",
      { name: "x", manifest: `sha256:${"1".repeat(64)}` },
      404,
      /no blob/,
    ],
    [
      "a bad name",
      "POST",
      "/fairlead/images",
      { name: "A B", manifest: `sha256:${"1".repeat(64)}` },
      400,
      /not an image reference/,
    ],
    ["no source", "POST", "/images/create", undefined, 400, /fromImage or fromSrc/],
    [
      "a broken auth header",
      "POST",
      "/images/create?fromImage=x&tag=1",
      undefined,
      400,
      /X-Registry-Auth/,
    ],
    ["an unknown image", "GET", "/images/no/such/json", undefined, 404, /No such image: no\/such/],
    [
      "a tag with a digest",
      "POST",
      `/images/shipped:1/tag?repo=x@sha256:${"0".repeat(64)}`,
      undefined,
      400,
      /digest reference/,
    ],
    [
      "a URL of another kind",
      "POST",
      "/images/create?fromSrc=file:///etc/passwd",
      undefined,
      400,
      /not an http/,
    ],
    [
      "a bad platform",
      "POST",
      "/images/create?fromImage=x&tag=1&platform=a/b/c/d",
      undefined,
      400,
      /not a platform/,
    ],
    [
      "a bad filter",
      "GET",
      '/images/json?filters={"dangling":["maybe"]}',
      undefined,
      400,
      /invalid filter/,
    ],
  ];
  it.each(refusals)("refuses %s", async (_, method, path, body, status, message) => {
    const auth = message.source.includes("X-Registry") ? { "x-registry-auth": "e30xx{" } : {};
    const answer = await ask(method, path, body, auth as Record<string, string>);
    expect([answer.status, answer.body]).toEqual([status, expect.stringMatching(message)]);
  });

  it("shapes inspect and list by API version", async () => {
    const old = JSON.parse((await ask("GET", "/v1.41/images/shipped:1/json")).body);
    const now = JSON.parse((await ask("GET", "/v1.50/images/shipped:1/json")).body);
    expect([old.VirtualSize, now.VirtualSize]).toEqual([old.Size, undefined]);
    await served.images.tag("shipped:1", "dangling:1");
    const list = JSON.parse((await ask("GET", "/v1.50/images/json?shared-size=1")).body);
    expect(list[0]).toMatchObject({ SharedSize: 0, Containers: -1, ParentId: "" });
  });

  it("sends an archive of one image whose name has slashes", async () => {
    await served.images.tag("shipped:1", "localhost:5000/a/b:1");
    const answer = await ask("GET", "/images/localhost:5000/a/b:1/get");
    expect([answer.status, answer.headers["content-type"]]).toEqual([200, "application/x-tar"]);
    expect(answer.body).toContain("localhost:5000/a/b:1");
  });
});
