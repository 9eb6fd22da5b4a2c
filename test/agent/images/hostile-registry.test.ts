// Registries that lie, stall, loop and break off: each is refused or survived, and nothing stays.

import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Content, openContent } from "../../../agent/images/content.ts";
import { pull } from "../../../agent/images/pull.ts";
import type { Credentials } from "../../../agent/images/registry-auth.ts";
import { nativeUnpacker } from "../../../agent/images/unpack.ts";
import { RecordStore } from "../../../agent/state/record-store.ts";
import { parseReference } from "../../../resources/model/reference.ts";
import { blobOf, type MadeImage, makeImage } from "./make-image.ts";
import { servingMissing } from "./serve.ts";

const binary = join(import.meta.dirname, "../../../agent/native/build/fairlead-runtime");
const missing = servingMissing();

type Handler = (request: IncomingMessage, response: ServerResponse, path: string) => unknown;

describe.skipIf(missing !== undefined)(`hostile registries (skipped: ${missing ?? "no"})`, () => {
  let folder = "";
  let content: Content;
  let image: MadeImage;
  const servers: Server[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "fairlead-hostile-"));
    content = await openContent(
      folder,
      nativeUnpacker(binary),
      { layerForm: "overlay" },
      new RecordStore(() => undefined),
    );
    image = await makeImage({ layers: [[{ name: "data", content: Buffer.alloc(200_000, "x") }]] });
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    await rm(folder, { recursive: true, force: true });
  });

  async function listen(handler: Handler): Promise<string> {
    const server = createServer((request, response) => {
      handler(request, response, new URL(request.url ?? "/", "http://x").pathname);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Answers like an honest registry. */
  function honest(response: ServerResponse, path: string, made = image): void {
    const blobs = [made.manifest, made.config, ...made.layers];
    const named = path.includes("/manifests/1") ? made.manifest.digest : path.split("/").at(-1);
    const blob = blobs.find(({ digest }) => digest === named);
    if (blob === undefined) response.writeHead(404).end("{}");
    else response.writeHead(200, { "content-length": blob.bytes.length }).end(blob.bytes);
  }

  const pullFrom = (host: string, credentials: Credentials = {}) =>
    pull(content, {
      reference: parseReference(`${host}/app:1`),
      progress: () => undefined,
      credentials,
      transport: { retryDelayMs: 1, idleTimeoutMs: 2000 },
    });

  const isLayer = (path: string) => path.includes(image.layers[0]?.digest ?? "none");
  const lies: { title: string; handler: Handler; message: RegExp }[] = [
    {
      title: "a layer of other content",
      handler: (_, response, path) => {
        if (!isLayer(path)) return honest(response, path);
        response.end(Buffer.alloc(image.layers[0]?.bytes.length ?? 0, "y"));
      },
      message: /digest mismatch: wanted sha256:/,
    },
    {
      title: "a layer that is longer than it said",
      handler: (_, response, path) => {
        if (!isLayer(path)) return honest(response, path);
        response.end(Buffer.concat([image.layers[0]?.bytes ?? Buffer.alloc(0), Buffer.alloc(9)]));
      },
      message: /longer than its \d+ bytes/,
    },
    {
      title: "a configuration of other content",
      handler: (_, response, path) => {
        if (!path.includes(image.config.digest)) return honest(response, path);
        response.end(Buffer.alloc(image.config.bytes.length, " "));
      },
      message: /digest mismatch/,
    },
    {
      title: "a manifest that never ends",
      handler: (_, response) => {
        response.writeHead(200);
        const more = () => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536, " ")));
        };
        response.on("drain", more);
        more();
      },
      message: /sent more than 4194304 bytes/,
    },
    {
      title: "a manifest that says another digest",
      handler: (_, response) => {
        response.setHeader("docker-content-digest", `sha256:${"0".repeat(64)}`);
        response.end(image.manifest.bytes);
      },
      message: /digest mismatch: wanted sha256:0000/,
    },
    {
      title: "redirects without end",
      handler: (_, response, path) => {
        response.writeHead(307, { location: path }).end();
      },
      message: /redirects more than 5 times/,
    },
    {
      title: "a redirect to a file of the host",
      handler: (_, response) => {
        response.writeHead(302, { location: "file:///etc/passwd" }).end();
      },
      message: /redirects to file:/,
    },
    {
      title: "401 without end",
      handler: (request, response) => {
        const { host } = request.headers;
        if (request.url?.startsWith("/token")) return response.end('{"token":"t"}');
        const challenge = `Bearer realm="http://${host}/token",service="s"`;
        return response.writeHead(401, { "www-authenticate": challenge }).end();
      },
      message: /access denied for app/,
    },
    {
      title: "failures without end",
      handler: (_, response) => response.writeHead(503).end(),
      message: /answered 503 for app 1/,
    },
    {
      title: "text where a manifest should be",
      handler: (_, response) => response.end("<html>hello</html>"),
      message: /bad manifest: it is not JSON/,
    },
    {
      title: "terminal escapes in its error",
      handler: (_, response) => {
        response.writeHead(404).end('{"errors":[{"message":"\\u001b[31mred"}]}');
      },
      message: /: \?\[31mred$/,
    },
  ];
  it.each(lies)("refuses $title", async ({ handler, message }) => {
    const host = await listen(handler);
    await expect(pullFrom(host)).rejects.toThrow(message);
    expect(content.catalog.list()).toEqual([]);
    expect(await readdir(join(folder, "layers"))).toEqual([]);
  });

  const documents: { title: string; change: (made: MadeImage) => object; message: RegExp }[] = [
    {
      title: "schema 1",
      change: () => ({ schemaVersion: 1, fsLayers: [] }),
      message: /schema 1 manifest/,
    },
    {
      title: "a foreign layer",
      change: (made) =>
        withLayer(made, {
          mediaType: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
          urls: ["http://169.254.169.254/"],
        }),
      message: /kept outside the registry/,
    },
    {
      title: "a layer that is no layer",
      change: (made) => withLayer(made, { mediaType: "text/html" }),
      message: /not a layer of files: text\/html/,
    },
    {
      title: "a digest that is a path",
      change: (made) => withLayer(made, { digest: "sha256:../../../../etc/passwd" }),
      message: /is not a sha256 digest/,
    },
    {
      title: "a negative size",
      change: (made) => withLayer(made, { size: -1 }),
      message: /-1 is not a size in bytes/,
    },
    {
      title: "more layers than its configuration",
      change: (made) => {
        const manifest = JSON.parse(made.manifest.bytes.toString());
        return { ...manifest, layers: [...manifest.layers, ...manifest.layers] };
      },
      message: /2 layers, the configuration 1/,
    },
    {
      title: "an artifact that is no image",
      change: (made) => ({
        ...JSON.parse(made.manifest.bytes.toString()),
        config: { mediaType: "application/vnd.oci.empty.v1+json", digest: made.id, size: 2 },
      }),
      message: /not a container image/,
    },
  ];
  it.each(documents)("refuses a manifest with $title", async ({ change, message }) => {
    const manifest = blobOf(change(image));
    const host = await listen((_, response, path) =>
      honest(response, path, { ...image, manifest }),
    );
    await expect(pullFrom(host)).rejects.toThrow(message);
    expect(content.catalog.list()).toEqual([]);
  });

  it("takes up a layer where the connection broke", async () => {
    const ranges: (string | undefined)[] = [];
    const host = await listen((request, response, path) => {
      if (!isLayer(path)) return honest(response, path);
      const bytes = image.layers[0]?.bytes ?? Buffer.alloc(0);
      ranges.push(request.headers.range);
      const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
      const end = Math.min(bytes.length, start + Math.ceil(bytes.length / 3));
      const range = { "content-range": `bytes ${start}-${bytes.length - 1}/${bytes.length}` };
      const headers = { "content-length": bytes.length - start, ...(start > 0 ? range : {}) };
      response.writeHead(start > 0 ? 206 : 200, headers);
      response.write(bytes.subarray(start, end), () => {
        if (end === bytes.length) response.end();
        else setTimeout(() => response.destroy(), 50);
      });
    });
    expect(await pullFrom(host)).toBe(image.id);
    expect(ranges.length).toBeGreaterThan(1);
    expect(ranges[0]).toBeUndefined();
    expect(ranges[1]).toMatch(/^bytes=\d+-$/);
  });

  it("starts a layer again at a registry that cannot resume", async () => {
    let attempts = 0;
    const host = await listen((_, response, path) => {
      if (!isLayer(path) || attempts++ > 0) return honest(response, path);
      const bytes = image.layers[0]?.bytes ?? Buffer.alloc(0);
      response.writeHead(200, { "content-length": bytes.length });
      response.write(bytes.subarray(0, 100), () => setTimeout(() => response.destroy(), 50));
    });
    expect(await pullFrom(host)).toBe(image.id);
    expect(attempts).toBe(2);
  });

  it("gives up on a layer that never gets on", async () => {
    const host = await listen((_, response, path) => {
      if (!isLayer(path)) return honest(response, path);
      response.writeHead(200, { "content-length": 1000 }).flushHeaders();
      setTimeout(() => response.destroy(), 10);
    });
    await expect(pullFrom(host)).rejects.toThrow();
    expect(content.catalog.list()).toEqual([]);
  });

  it("gets a token with the password, and shows neither to the store of blobs", async () => {
    const seen: { token: (string | undefined)[]; store: (string | undefined)[] } = {
      token: [],
      store: [],
    };
    const store = await listen((request, response, path) => {
      seen.store.push(request.headers.authorization);
      honest(response, path);
    });
    const host = await listen((request, response, path) => {
      const { authorization, host: self } = request.headers;
      if (path === "/token") {
        seen.token.push(authorization);
        const { searchParams } = new URL(request.url ?? "", "http://x");
        expect(searchParams.get("scope")).toBe("repository:app:pull");
        return response.end('{"access_token":"secret-token"}');
      }
      if (authorization !== "Bearer secret-token") {
        const challenge = `Bearer realm="http://${self}/token",service="registry"`;
        return response.writeHead(401, { "www-authenticate": challenge }).end();
      }
      if (!path.includes("/blobs/")) return honest(response, path);
      return response.writeHead(307, { location: `http://${store}${path}` }).end();
    });
    expect(await pullFrom(host, { username: "me", password: "pass word" })).toBe(image.id);
    expect(seen.token).toEqual([`Basic ${Buffer.from("me:pass word").toString("base64")}`]);
    expect(new Set(seen.store)).toEqual(new Set([undefined]));
  });

  it("uses basic authentication where asked for, and never tells the password", async () => {
    const expected = `Basic ${Buffer.from("me:hunter2").toString("base64")}`;
    const host = await listen((request, response, path) => {
      if (request.headers.authorization === expected) return honest(response, path);
      return response.writeHead(401, { "www-authenticate": 'Basic realm="r"' }).end();
    });
    expect(await pullFrom(host, { username: "me", password: "hunter2" })).toBe(image.id);
    const failure = await pullFrom(host, { username: "me", password: "wrong-secret" }).catch(
      (error: Error) => `${error.message} ${JSON.stringify(error)}`,
    );
    expect(failure).toMatch(/access denied/);
    expect(failure).not.toContain("wrong-secret");
  });
});

function withLayer({ manifest }: MadeImage, change: object): object {
  const value = JSON.parse(manifest.bytes.toString());
  return { ...value, layers: [{ ...value.layers[0], ...change }] };
}
