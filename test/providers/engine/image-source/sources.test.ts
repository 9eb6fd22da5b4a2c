import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { extract } from "tar-stream";
import { afterAll, describe, expect, test } from "vitest";
import { readArchive } from "../../../../providers/engine/image-source/archive.ts";
import { registryAuth } from "../../../../providers/engine/image-source/credentials.ts";
import { readRootfs } from "../../../../providers/engine/image-source/rootfs.ts";
import type { Blob } from "../../../../providers/engine/image-source/source.ts";
import {
  digestOf,
  dockerArchive,
  makeImage,
  ociLayout,
  tarOf,
} from "../../../agent/images/make-image.ts";

const folder = mkdtempSync(join(tmpdir(), "fairlead-sources-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PLATFORM = "linux/amd64";
const file = (name: string, content: Buffer | string) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
/** What a descriptor of this process is open on; one that is gone meanwhile is on nothing. */
const linkOf = (fd: string) => {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return "";
  }
};
const bytesOf = async (blob: Blob, offset = 0) => Buffer.concat(await blob.open(offset).toArray());
const tiny = (name: string, text = name) =>
  makeImage({ name, layers: [[{ name: "a", content: text }], [{ name: "b", content: "2" }]] });

describe("an image archive", () => {
  test.each([
    ["docker", dockerArchive],
    ["oci", ociLayout],
  ])("of the %s kind gives the image that is in it", async (kind, write) => {
    const image = await tiny("tiny:1");
    const read = await readArchive(file(`${kind}.tar`, await write([image])), {
      platform: PLATFORM,
    });
    expect(read.id).toBe(image.id);
    const content = kind === "docker" ? image.diffs : image.layers;
    expect(read.layers.map(({ digest }) => digest)).toEqual(content.map(({ digest }) => digest));
    for (const blob of [read.config, read.manifest, ...read.layers]) {
      expect(digestOf(await bytesOf(blob))).toBe(blob.digest);
      expect(await bytesOf(blob, 3)).toEqual((await bytesOf(blob)).subarray(3));
      expect(await bytesOf(blob, blob.sizeBytes)).toEqual(Buffer.alloc(0));
    }
  });

  test("with several images needs to be told which one", async () => {
    const images = [await tiny("one:1"), await tiny("two:1")];
    for (const [kind, write] of [["docker", dockerArchive] as const, ["oci", ociLayout] as const]) {
      const path = file(`${kind}-two.tar`, await write(images));
      await expect(readArchive(path, { platform: PLATFORM })).rejects.toThrow(/has 2 images/);
      const chosen = await readArchive(path, { platform: PLATFORM, tag: "two:1" });
      expect(chosen.id).toBe(images[1]!.id);
      await expect(readArchive(path, { platform: PLATFORM, tag: "three" })).rejects.toThrow(
        /has no such image/,
      );
    }
  });

  test("that is none is refused with what is wrong", async () => {
    const choice = { platform: PLATFORM };
    const archive = await dockerArchive([await tiny("tiny:1")]);
    const cut = file("cut.tar", archive);
    truncateSync(cut, 700);
    await expect(readArchive(cut, choice)).rejects.toThrow(/cut.tar/);
    const noise = file("noise.tar", Buffer.alloc(2048, "x"));
    await expect(readArchive(noise, choice)).rejects.toThrow(/cannot be read as a tar file/);
    const packed = file("packed.tar.gz", gzipSync(archive));
    await expect(readArchive(packed, choice)).rejects.toThrow(/it is compressed/);
    const empty = file("empty.tar", await tarOf([{ name: "x" }]));
    await expect(readArchive(empty, choice)).rejects.toThrow(/neither manifest.json nor index/);
    const hostile = JSON.stringify([{ Config: "../../etc/passwd", RepoTags: [], Layers: [] }]);
    const outside = file("outside.tar", await tarOf([{ name: "manifest.json", content: hostile }]));
    await expect(readArchive(outside, choice)).rejects.toThrow(/is missing in it/);
    // None of them stays open.
    const open = () => readdirSync("/proc/self/fd").map(linkOf);
    for (const path of [cut, noise, packed, empty, outside])
      await expect.poll(() => open().includes(path)).toBe(false);
  });
});

describe("an image of a root file system", () => {
  const make = (name: string) => {
    const root = join(folder, name);
    mkdirSync(join(root, "bin"), { recursive: true });
    writeFileSync(join(root, "bin/tool"), "tool");
    chmodSync(join(root, "bin/tool"), 0o4755);
    linkSync(join(root, "bin/tool"), join(root, "bin/twin"));
    symlinkSync("tool", join(root, "bin/link"));
    writeFileSync(join(root, "big"), Buffer.alloc(300_000, "z"));
    return root;
  };
  const config = { command: ["/bin/tool"], healthcheck: { test: ["CMD", "true"], interval: 1000 } };
  const read = (path: string) => readRootfs(path, { config }, PLATFORM);

  test("is the same for the same content, and another for another", async () => {
    const root = make("rootfs");
    const copy = make("copy");
    utimesSync(join(copy, "big"), 1, 1);
    const [a, b] = [await read(root), await read(copy)];
    expect(a.id).toBe(b.id);
    expect(a.manifest.digest).toBe(b.manifest.digest);
    chmodSync(join(copy, "big"), 0o600);
    expect((await read(copy)).id).not.toBe(a.id);
    const document = JSON.parse((await bytesOf(a.config)).toString());
    expect(document).toMatchObject({ os: "linux", architecture: "amd64" });
    expect(document.config.Healthcheck.Interval).toBe(1e9);
  });

  test("holds modes, links and hard links, and can be opened in the middle", async () => {
    const image = await read(make("kinds"));
    const layer = image.layers[0]!;
    const bytes = await bytesOf(layer);
    expect(digestOf(bytes)).toBe(layer.digest);
    expect(bytes.length).toBe(layer.sizeBytes);
    expect(await bytesOf(layer, 100_000)).toEqual(bytes.subarray(100_000));
    const found: Record<string, unknown> = {};
    const entries = extract();
    entries.end(bytes);
    for await (const entry of entries) {
      const { name, type, mode, linkname } = entry.header;
      found[name] = [type, mode, ...(linkname ? [linkname] : [])];
      entry.resume();
    }
    expect(found).toMatchObject({
      "bin/": ["directory", 0o755],
      "bin/link": ["symlink", 0o777, "tool"],
      "bin/tool": ["file", 0o4755],
      "bin/twin": ["link", 0o4755, "bin/tool"],
    });
  });

  test("may be a tar file, compressed or not", async () => {
    const tar = await tarOf([{ name: "a", content: "1", mtime: new Date(0) }]);
    const plain = await read(file("layer.tar", tar));
    const packed = await read(file("layer.tar.gz", gzipSync(tar)));
    const diffIds = async (image: typeof plain) =>
      JSON.parse((await bytesOf(image.config)).toString()).rootfs.diff_ids;
    expect(await diffIds(plain)).toEqual([digestOf(tar)]);
    expect(packed.id).toBe(plain.id);
    await expect(read(join(folder, "nowhere"))).rejects.toThrow(/is not there/);
  });
});

describe("registry credentials", () => {
  const home = join(folder, "docker");
  const auth = async (reference: string) => {
    const header = (await registryAuth(reference, home))["X-Registry-Auth"];
    return header && JSON.parse(Buffer.from(header, "base64url").toString());
  };
  mkdirSync(home);

  test("come from Docker's file, and none from none", async () => {
    expect(await auth("nginx")).toBeUndefined();
    writeFileSync(
      join(home, "config.json"),
      JSON.stringify({
        auths: {
          "https://index.docker.io/v1/": { auth: Buffer.from("me:pass:word").toString("base64") },
          "r.example:5000": { identitytoken: "token" },
        },
      }),
    );
    expect(await auth("nginx")).toMatchObject({ username: "me", password: "pass:word" });
    expect(await auth("r.example:5000/app")).toMatchObject({ identitytoken: "token" });
    expect(await auth("other.example/app")).toBeUndefined();
  });

  test("come from a helper program that is asked on its standard input", async () => {
    const helper = join(home, "docker-credential-test");
    writeFileSync(
      helper,
      '#!/bin/sh\nread server\necho "{\\"Username\\":\\"$1\\",\\"Secret\\":\\"$server\\"}"\n',
      { mode: 0o755 },
    );
    writeFileSync(join(home, "config.json"), JSON.stringify({ credsStore: "test" }));
    const path = process.env.PATH;
    process.env.PATH = `${home}:${path}`;
    try {
      expect(await auth("h.example/app")).toMatchObject({ username: "get", password: "h.example" });
    } finally {
      process.env.PATH = path;
    }
    writeFileSync(join(home, "config.json"), "{");
    await expect(auth("nginx")).rejects.toThrow(/is not JSON/);
  });
});
