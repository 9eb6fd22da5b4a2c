// A full disk, a crash in the middle, a changed storage driver: nothing half-made stays.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import zlib from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sweep } from "../../../agent/images/collect.ts";
import { openContent } from "../../../agent/images/content.ts";
import { load } from "../../../agent/images/load.ts";
import { rebuildCatalog } from "../../../agent/images/rebuild.ts";
import { nativeUnpacker } from "../../../agent/images/unpack.ts";
import { EventLog } from "../../../agent/objects/event.ts";
import { Images } from "../../../agent/objects/image/images.ts";
import { RecordStore } from "../../../agent/state/record-store.ts";
import { blobOf, dockerArchive, makeImage, ociLayout } from "./make-image.ts";
import { servingMissing } from "./serve.ts";

const binary = join(import.meta.dirname, "../../../agent/native/build/fairlead-runtime");
const unpack = nativeUnpacker(binary);
const missing = servingMissing();

describe.skipIf(missing !== undefined)(`faults (skipped: ${missing ?? "no"})`, () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "fairlead-faults-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const loadInto = async (root: string, bytes: Buffer) => {
    const content = await openContent(
      root,
      unpack,
      { layerForm: "overlay" },
      new RecordStore(() => undefined),
    );
    const archive = Readable.from([bytes]);
    const loaded = await load(content, { archive, progress: () => undefined });
    return { content, loaded };
  };

  // 2 MB of zeros are a small blob and a large layer, so each limit meets another step.
  it.each([
    ["512k", /No space left on device|disk is full/],
    ["5m", /write: big|No space left on device/],
  ])("survives a disk of %s", async (size, message) => {
    const small = join(folder, "small");
    await mkdir(small);
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", small]);
    try {
      const big = [{ name: "big", content: Buffer.alloc(8 << 20) }];
      const image = await makeImage({ layers: [big] });
      const bytes = await ociLayout([image]);
      const failure = await loadInto(small, bytes).catch((error: Error) => error);
      expect(failure).toMatchObject({ message: expect.stringMatching(message) });
      expect(failure).toMatchObject({ hint: expect.stringMatching(/free space/) });
      expect(await readdir(join(small, "layers"))).toEqual([]);
      expect(await readdir(join(small, "images/blobs/sha256"))).toEqual([]);
      const tiny = await makeImage({ name: "fits:1", layers: [[{ name: "a" }]] });
      const { loaded } = await loadInto(small, await dockerArchive([tiny]));
      expect(loaded[0]?.id).toBe(tiny.id);
    } finally {
      execFileSync("umount", [small]);
    }
  });

  it("removes what a crash left when it opens the store again", async () => {
    await mkdir(join(folder, "layers/draft-0123/diff"), { recursive: true });
    await mkdir(join(folder, "images/spool-x"), { recursive: true });
    await openContent(folder, unpack, { layerForm: "overlay" }, new RecordStore(() => undefined));
    expect(await readdir(join(folder, "layers"))).toEqual([]);
    expect(existsSync(join(folder, "images/spool-x"))).toBe(false);
  });

  it("sweeps old blobs, layers and unfinished uploads that no image needs", async () => {
    const image = await makeImage({ layers: [[{ name: "a" }]] });
    const { content } = await loadInto(folder, await dockerArchive([image]));
    const stray = await content.blobs.put(Buffer.from("stray"));
    await writeFile(join(folder, "images/partial", "a".repeat(64)), "half");
    expect((await sweep(content, new Set())).blobs).toEqual([]);
    const swept = await sweep(content, new Set(), -1000);
    expect([swept.blobs, swept.layers]).toEqual([[stray], []]);
    expect(await readdir(join(folder, "images/partial"))).toEqual([]);
    await content.catalog.remove([image.id]);
    expect((await sweep(content, new Set(), -1000)).layers).toEqual([image.diffs[0]?.digest]);
  });

  it("leaves what work under way needs", async () => {
    const { content } = await loadInto(folder, await dockerArchive([await makeImage()]));
    const stray = await content.blobs.put(Buffer.from("stray"));
    await content.leases.during(async (keep) => {
      keep(stray);
      expect((await sweep(content, new Set(), -1000)).blobs).toEqual([]);
    });
    expect((await sweep(content, new Set(), -1000)).blobs).toEqual([stray]);
  });

  it("unpacks again for another storage driver", async () => {
    const layers = [[{ name: "gone" }], [{ name: ".wh.gone" }]];
    const image = await makeImage({ name: "tiny:1", layers });
    await loadInto(folder, await dockerArchive([image]));
    const content = await openContent(
      folder,
      unpack,
      { layerForm: "marker" },
      new RecordStore(() => undefined),
    );
    const images = new Images({ content, events: new EventLog() });
    const found = await images.find("tiny:1");
    expect(existsSync(join(found?.layers[1] ?? "", ".wh.gone"))).toBe(true);
  });

  it("sets a list of images aside that a newer agent wrote", async () => {
    await mkdir(join(folder, "images"), { recursive: true });
    const list = join(folder, "images/images.json");
    await writeFile(list, '{"version":2,"images":[]}');
    const reports: string[] = [];
    const records = new RecordStore((line) => reports.push(line));
    const content = await openContent(folder, unpack, { layerForm: "overlay" }, records);
    expect(content.catalog.unreadable?.setAside).toBe(`${list}.version-2`);
    expect(reports.join()).toMatch(/newer agent wrote it, in version 2 .*images\.json\.version-2/);
    expect(existsSync(`${list}.version-2`)).toBe(true);
  });

  it.each([
    ["is empty", () => ""],
    ["ends in the middle", (text: string) => text.slice(0, text.length / 2)],
    ["is no list", () => "{}"],
  ])("finds images again in the content store when images.json %s", async (_, damage) => {
    const layers = [[{ name: "a" }], [{ name: "b" }]];
    const made = [await makeImage({ name: "one:1", layers }), await makeImage({ name: "two:1" })];
    await loadInto(folder, await dockerArchive(made));
    const list = join(folder, "images/images.json");
    const before = await readFile(list, "utf8");
    await writeFile(list, damage(before));
    const records = new RecordStore(() => undefined);
    const content = await openContent(folder, unpack, { layerForm: "overlay" }, records);
    expect(await rebuildCatalog(content)).toBe(2);
    const ids = content.catalog.list().map(({ id }) => id);
    expect(ids.toSorted()).toEqual(made.map(({ id }) => id).toSorted());
    const images = new Images({ content, events: new EventLog() });
    expect((await images.find(made[0]?.id ?? ""))?.layers).toHaveLength(2);
    expect(records.unreadable).toHaveLength(1);
    expect((await sweep(content, new Set(), -1000)).blobs).toEqual([]);
  });

  it("unpacks a layer again whose record is damaged, and leaves the old folder", async () => {
    const image = await makeImage({ name: "tiny:1", layers: [[{ name: "a" }]] });
    await loadInto(folder, await dockerArchive([image]));
    const [layer = ""] = await readdir(join(folder, "layers"));
    await writeFile(join(folder, "layers", layer, "layer.json"), "{");
    const records = new RecordStore(() => undefined);
    const content = await openContent(folder, unpack, { layerForm: "overlay" }, records);
    const images = new Images({ content, events: new EventLog() });
    const found = await images.find("tiny:1");
    expect(existsSync(join(found?.layers[0] ?? "", "a"))).toBe(true);
    const folders = await readdir(join(folder, "layers"));
    expect(folders.filter((name) => name.startsWith(`${layer}.unreadable-`))).toHaveLength(1);
  });

  const flip = async (path: string) => {
    const bytes = await readFile(path);
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(path, bytes);
  };

  it.each(["config", "manifest", "layer", "unpacked layer"])(
    "names an image whose %s was damaged, and repairs it by a load",
    async (part) => {
      const layers = [[{ name: "a", content: "1".repeat(4000) }]];
      const [broken, sound] = [
        await makeImage({ name: "broken:1", layers }),
        await makeImage({ name: "sound:1", layers: [[{ name: "b" }]] }),
      ];
      await loadInto(folder, await dockerArchive([broken, sound]));
      const blobs = join(folder, "images/blobs/sha256");
      const list = JSON.parse(await readFile(join(folder, "images/images.json"), "utf8"));
      const record = list.images.find(({ id }: { id: string }) => id === broken.id);
      const layer = broken.diffs[0]?.digest ?? "";
      const digest = { config: broken.id, manifest: record.manifest }[part] ?? layer;
      await flip(join(blobs, digest.slice(7)));
      if (part === "layer") {
        const gone = layer.slice(7);
        await rm(join(folder, "layers", gone), { recursive: true });
      }
      const lines: string[] = [];
      const records = new RecordStore((line) => lines.push(line));
      const content = await openContent(folder, unpack, { layerForm: "overlay" }, records);
      const images = new Images({ content, events: new EventLog() });
      const use = async () => {
        await images.find("broken:1");
        for await (const _ of await images.save(["broken:1"]));
      };
      await expect(use()).rejects.toThrow(/was damaged|is lost|No such image: broken:1/);
      expect(lines.join()).toMatch(/the blob [0-9a-f]{12} of the image broken:1 .*pull or load/);
      expect(records.unreadable).toHaveLength(1);
      const shown = (await images.list()).map(({ record: { tags } }) => tags[0]);
      expect(shown).toContain("docker.io/library/sound:1");
      expect(await images.find("sound:1")).toBeDefined();
      const archive = Readable.from([await dockerArchive([broken])]);
      await images.load(archive, { progress: () => undefined });
      await use();
      expect(records.unreadable).toEqual([]);
      expect((await images.find("broken:1"))?.id).toBe(broken.id);
    },
  );

  it("runs a container of an image whose config was damaged", async () => {
    const image = await makeImage({ name: "tiny:1", layers: [[{ name: "a" }]] });
    await loadInto(folder, await dockerArchive([image]));
    await flip(join(folder, "images/blobs/sha256", image.id.slice(7)));
    const records = new RecordStore(() => undefined);
    const content = await openContent(folder, unpack, { layerForm: "overlay" }, records);
    const images = new Images({ content, events: new EventLog() });
    expect(await images.root(image.id)).toHaveLength(1);
    await expect(images.find("tiny:1")).rejects.toMatchObject({
      code: "not_found",
      message: expect.stringMatching(/^No such image: tiny:1: the blob sha256:\w+ was damaged/),
      hint: expect.stringMatching(/pull or load/),
    });
  });

  const compress = (zlib as { zstdCompressSync?: (bytes: Buffer) => Buffer }).zstdCompressSync;
  it.skipIf(compress === undefined)("reads zstd (skipped: this Node has none)", async () => {
    const image = await makeImage({ name: "z:1", layers: [[{ name: "a", content: "1" }]] });
    const layer = blobOf(compress?.(image.diffs[0]?.bytes ?? Buffer.alloc(0)) ?? "");
    const manifest = JSON.parse(image.manifest.bytes.toString());
    manifest.layers[0] = {
      mediaType: "application/vnd.oci.image.layer.v1.tar+zstd",
      digest: layer.digest,
      size: layer.bytes.length,
    };
    const made = { ...image, layers: [layer], manifest: blobOf(manifest) };
    const { loaded } = await loadInto(folder, await ociLayout([made]));
    expect(loaded[0]?.id).toBe(image.id);
  });
});
