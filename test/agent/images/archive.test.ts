// Loading, saving and importing archives. Needs root, since layers are unpacked.
import { execFileSync } from "node:child_process";
import { createWriteStream, existsSync, readFileSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { applyChanges } from "../../../agent/build/changes.ts";
import { type Content, openContent } from "../../../agent/images/content.ts";
import { importRoot } from "../../../agent/images/import.ts";
import { load } from "../../../agent/images/load.ts";
import { readImageDocument } from "../../../agent/images/manifest.ts";
import { save } from "../../../agent/images/save.ts";
import { nativeUnpacker } from "../../../agent/images/unpack.ts";
import { RecordStore } from "../../../agent/state/record-store.ts";
import { dockerArchive, makeImage, ociLayout, tarOf } from "./make-image.ts";

const binary = join(import.meta.dirname, "../../../agent/native/build/fairlead-runtime");
const missing =
  process.getuid?.() !== 0
    ? "root is needed"
    : existsSync(binary)
      ? undefined
      : "agent/native is not built";

describe.skipIf(missing !== undefined)(`archives (skipped: ${missing ?? "no"})`, () => {
  let folder = "";
  let content: Content;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "fairlead-archive-"));
    content = await openContent(
      join(folder, "root"),
      nativeUnpacker(binary),
      {
        layerForm: "overlay",
      },
      new RecordStore(() => undefined),
    );
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const loadBytes = (bytes: Buffer) =>
    load(content, { archive: Readable.from([bytes]), progress: () => undefined });
  const leftovers = async () =>
    (await readdir(join(folder, "root/images"))).filter((name) => name.startsWith("spool-"));

  it.each([
    ["a docker archive", dockerArchive],
    ["an OCI layout", ociLayout],
    ["a compressed archive", async (images: never) => gzipSync(await dockerArchive(images))],
  ])("loads %s", async (_, make) => {
    const images = [
      await makeImage({ name: "one:1", layers: [[{ name: "a", content: "1" }]] }),
      await makeImage({ name: "localhost:5000/two:2", layers: [[{ name: "b", content: "2" }]] }),
    ];
    const loaded = await loadBytes(await make(images as never));
    expect(loaded.map(({ id }) => id)).toEqual(images.map(({ id }) => id));
    expect(content.catalog.named("docker.io/library/one:1")?.id).toBe(images[0]?.id);
    expect(content.catalog.named("localhost:5000/two:2")?.id).toBe(images[1]?.id);
    expect(await leftovers()).toEqual([]);
  });

  it("follows the links between layers that old archives have", async () => {
    const image = await makeImage({ layers: [[{ name: "a", content: "1" }]], compress: "none" });
    const list = [{ Config: "c.json", RepoTags: null, Layers: ["second/layer.tar"] }];
    const bytes = await tarOf([
      { name: "c.json", content: image.config.bytes },
      { name: "first/layer.tar", content: image.diffs[0]?.bytes ?? "" },
      { name: "second/layer.tar", type: "symlink", linkname: "../first/layer.tar" },
      { name: "manifest.json", content: JSON.stringify(list) },
    ]);
    expect(await loadBytes(bytes)).toEqual([{ id: image.id, names: [] }]);
  });

  const refusals: { title: string; bytes: () => Promise<Buffer>; message: RegExp }[] = [
    {
      title: "a truncated archive",
      bytes: async () => (await dockerArchive([await makeImage()])).subarray(0, 50_000),
      message: /cannot be read: Unexpected end of data/,
    },
    {
      title: "a truncated compressed archive",
      bytes: async () => gzipSync(await dockerArchive([await makeImage()])).subarray(0, 50_000),
      message: /cannot be read: unexpected end of file/,
    },
    {
      title: "text",
      bytes: async () => Buffer.from("this is not a tar archive".repeat(100)),
      message: /cannot be read/,
    },
    {
      title: "an archive without an image",
      bytes: () => tarOf([{ name: "hello", content: "world" }]),
      message: /holds no image/,
    },
    {
      title: "a list of the wrong shape",
      bytes: () => tarOf([{ name: "manifest.json", content: '[{"Config": 7}]' }]),
      message: /wrong shape/,
    },
    {
      title: "a list that names files outside",
      bytes: () =>
        tarOf([{ name: "manifest.json", content: '[{"Config":"../../etc/passwd","Layers":[]}]' }]),
      message: /which it does not hold/,
    },
    {
      title: "a layer that is not the one of the configuration",
      bytes: async () => {
        const [good, bad] = [
          await makeImage({ layers: [[{ name: "a", content: "1" }]] }),
          await makeImage({ layers: [[{ name: "a", content: "2" }]] }),
        ];
        return dockerArchive([
          {
            ...good,
            diffs: good.diffs.map((diff, at) => ({
              digest: diff.digest,
              bytes: bad.diffs[at]?.bytes ?? diff.bytes,
            })),
          },
        ]);
      },
      message: /layer mismatch/,
    },
    {
      title: "a blob under the wrong digest",
      bytes: async () => {
        const image = await makeImage();
        const wrong = { digest: image.config.digest, bytes: Buffer.from("{}") };
        return ociLayout([{ ...image, config: wrong }]);
      },
      message: /digest mismatch/,
    },
  ];
  it.each(refusals)("refuses $title, and keeps nothing of it", async ({ bytes, message }) => {
    await expect(loadBytes(await bytes())).rejects.toThrow(message);
    expect(content.catalog.list()).toEqual([]);
    expect(await leftovers()).toEqual([]);
    expect(await readdir(join(folder, "root/layers"))).toEqual([]);
  });

  it("saves what it loaded, and skopeo reads it in both forms", async () => {
    const shared = [{ name: "base", content: "x" }];
    const images = [
      await makeImage({ name: "one:1", layers: [shared, [{ name: "a" }]] }),
      await makeImage({ name: "two:1", layers: [shared, [{ name: "b" }]] }),
    ];
    await loadBytes(await ociLayout(images));
    const requests = content.catalog.list().map((image) => ({ image, names: image.tags }));
    const path = join(folder, "saved.tar");
    await pipeline(await save(content, requests), createWriteStream(path));
    const again = await openContent(
      join(folder, "other"),
      nativeUnpacker(binary),
      {
        layerForm: "overlay",
      },
      new RecordStore(() => undefined),
    );
    const archive = Readable.from([readFileSync(path)]);
    const loaded = await load(again, { archive, progress: () => undefined });
    expect(loaded.map(({ id }) => id).sort()).toEqual(images.map(({ id }) => id).sort());
    expect(
      again.catalog
        .list()
        .map(({ manifest }) => manifest)
        .sort(),
    ).toEqual(images.map(({ manifest }) => manifest.digest).sort());
    if (!existsSync("/usr/bin/skopeo")) return;
    const read = (source: string) =>
      JSON.parse(execFileSync("skopeo", ["inspect", "--config", source]).toString());
    expect(read(`docker-archive:${path}:two:1`).rootfs.diff_ids).toHaveLength(2);
    expect(read(`docker-archive:${path}:one:1`).config.Cmd).toEqual(["sh"]);
  });

  it("imports a root file system with changes", async () => {
    const archive = Readable.from([gzipSync(await tarOf([{ name: "hello", content: "world" }]))]);
    const changes = ['CMD ["cat", "/hello"]', "ENV A=1 B='2 3'", "EXPOSE 80", "WORKDIR /srv"];
    const config = applyChanges({}, changes);
    const id = await importRoot(content, { archive, config, message: "made" });
    const document = readImageDocument(await content.blobs.read(id, 1 << 20));
    expect(document.config).toEqual({
      Cmd: ["cat", "/hello"],
      Env: ["A=1", "B=2 3"],
      ExposedPorts: { "80/tcp": {} },
      WorkingDir: "/srv",
    });
    expect(document.history?.[0]?.comment).toBe("made");
    const [chainId = ""] = content.catalog.get(id)?.chain ?? [];
    expect(readFileSync(join(content.layers.path(chainId), "hello"), "utf8")).toBe("world");
    expect(() => applyChanges({}, ["RUN rm -rf /"])).toThrow(
      /RUN rm -rf \/ is not a valid change command/,
    );
  });
});
