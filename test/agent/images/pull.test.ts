// Pulls from a real registry: names, platforms, sharing, progress. Needs root and docker-registry.
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Content, openContent } from "../../../agent/images/content.ts";
import { parsePlatform } from "../../../agent/images/platform.ts";
import type { ProgressMessage } from "../../../agent/images/progress.ts";
import { inspectRemote, pull, tagsOf } from "../../../agent/images/pull.ts";
import { nativeUnpacker } from "../../../agent/images/unpack.ts";
import { RecordStore } from "../../../agent/state/record-store.ts";
import { parseReference } from "../../../resources/model/reference.ts";
import { makeImage, makeIndex, pushImage, pushManifest } from "./make-image.ts";
import { registryMissing, startRegistry, type TestRegistry } from "./registry.ts";

const binary = join(import.meta.dirname, "../../../agent/native/build/fairlead-runtime");
const missing =
  registryMissing() ??
  (process.getuid?.() !== 0
    ? "root is needed"
    : existsSync(binary)
      ? undefined
      : "agent/native is not built");

describe.skipIf(missing !== undefined)(`pulling (skipped: ${missing ?? "no"})`, () => {
  let registry: TestRegistry;
  let folder = "";
  beforeAll(async () => {
    registry = await startRegistry();
  });
  afterAll(async () => {
    await registry.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function fresh(): Promise<Content> {
    await rm(folder, { recursive: true, force: true });
    folder = await mkdtemp(join(tmpdir(), "fairlead-pull-"));
    return openContent(
      folder,
      nativeUnpacker(binary),
      { layerForm: "overlay" },
      new RecordStore(() => undefined),
    );
  }

  async function pullText(content: Content, text: string, platform?: string) {
    const messages: ProgressMessage[] = [];
    const id = await pull(content, {
      reference: parseReference(text),
      progress: (message) => messages.push(message),
      ...(platform === undefined ? {} : { platform: parsePlatform(platform) }),
    });
    return { id, messages, statuses: messages.map(({ status }) => status) };
  }

  it.each(["oci", "docker"] as const)("pulls an image with %s media types", async (mediaTypes) => {
    const content = await fresh();
    const image = await makeImage({
      mediaTypes,
      layers: [[{ name: "a", content: "1" }], [{ name: "b", content: "2" }]],
    });
    await pushImage(registry.url, "team/app", mediaTypes, image);
    const name = `${registry.host}/team/app:${mediaTypes}`;
    const { id, statuses } = await pullText(content, name);
    expect(id).toBe(image.id);
    expect(statuses).toContain("Pull complete");
    expect(statuses.at(-1)).toBe(`Status: Downloaded newer image for ${name}`);
    const record = content.catalog.named(name);
    expect(record?.digests).toEqual([`${registry.host}/team/app@${image.manifest.digest}`]);
    const [lower, upper] = (record?.chain ?? []).map((chainId) => content.layers.path(chainId));
    expect(readFileSync(join(lower ?? "", "a"), "utf8")).toBe("1");
    expect(readFileSync(join(upper ?? "", "b"), "utf8")).toBe("2");
    const again = await pullText(content, name);
    expect(again.statuses.at(-1)).toBe(`Status: Image is up to date for ${name}`);
  });

  it("keeps the catalog over a restart", async () => {
    const content = await fresh();
    const image = await makeImage();
    await pushImage(registry.url, "again", "1", image);
    await pullText(content, `${registry.host}/again:1`);
    const reopened = await openContent(
      folder,
      nativeUnpacker(binary),
      { layerForm: "overlay" },
      new RecordStore(() => undefined),
    );
    expect(reopened.catalog.named(`${registry.host}/again:1`)?.id).toBe(image.id);
  });

  it("takes the platform that is asked for from an index, and says what there is", async () => {
    const content = await fresh();
    const arm = await makeImage({ architecture: "arm64", layers: [[{ name: "arm" }]] });
    const amd = await makeImage({ architecture: "amd64", layers: [[{ name: "amd" }]] });
    for (const image of [arm, amd])
      await pushImage(registry.url, "multi", image.id.slice(7), image);
    const index = makeIndex([
      { image: arm, architecture: "arm64", variant: "v8" },
      { image: amd, architecture: "amd64" },
    ]);
    await pushManifest(registry.url, "multi", "1", index);
    const name = `${registry.host}/multi:1`;
    expect((await pullText(content, name, "linux/arm64")).id).toBe(arm.id);
    expect((await pullText(content, name, "linux/amd64")).id).toBe(amd.id);
    await expect(pullText(content, name, "linux/s390x")).rejects.toThrow(/linux\/s390x/);
    const seen = await inspectRemote(parseReference(name), {});
    expect(seen.descriptor.digest).toBe(index.digest);
    expect(seen.platforms.map(({ architecture }) => architecture)).toEqual(["arm64", "amd64"]);
  });

  it("refuses an image of another platform than the one asked for", async () => {
    const content = await fresh();
    await pushImage(registry.url, "single", "1", await makeImage({ architecture: "amd64" }));
    const attempt = pullText(content, `${registry.host}/single:1`, "linux/arm64");
    await expect(attempt).rejects.toThrow(/made for linux\/amd64, not for linux\/arm64\/v8/);
    expect(content.catalog.list()).toEqual([]);
  });

  it("pulls by digest, and lists tags", async () => {
    const content = await fresh();
    const image = await makeImage();
    await pushImage(registry.url, "pinned", "b", image);
    await pushImage(registry.url, "pinned", "a", image);
    const name = `${registry.host}/pinned@${image.manifest.digest}`;
    expect((await pullText(content, name)).id).toBe(image.id);
    expect(content.catalog.named(name)?.tags).toEqual([]);
    expect((await tagsOf(parseReference(name), {})).sort()).toEqual(["a", "b"]);
  });

  it("moves a tag to the newer image", async () => {
    const content = await fresh();
    const [first, second] = [
      await makeImage({ layers: [[{ name: "v1" }]] }),
      await makeImage({ layers: [[{ name: "v2" }]] }),
    ];
    const name = `${registry.host}/moving:latest`;
    await pushImage(registry.url, "moving", "latest", first);
    await pullText(content, name);
    await pushImage(registry.url, "moving", "latest", second);
    await pullText(content, name);
    expect(content.catalog.named(name)?.id).toBe(second.id);
    expect(content.catalog.get(first.id)?.tags).toEqual([]);
  });

  it("shares the work of two pulls at once, and a layer between two images", async () => {
    const content = await fresh();
    const base = [{ name: "base", content: Buffer.alloc(3 << 20, "x") }];
    const one = await makeImage({ layers: [base, [{ name: "one" }]] });
    const two = await makeImage({ layers: [base, [{ name: "two" }]] });
    await pushImage(registry.url, "shared", "1", one);
    await pushImage(registry.url, "shared", "2", two);
    const pulls = ["1", "1", "2"].map((tag) => pullText(content, `${registry.host}/shared:${tag}`));
    await Promise.all(pulls);
    expect(await readdir(join(folder, "layers"))).toHaveLength(3);
    const again = await pullText(content, `${registry.host}/shared:2`);
    expect(again.statuses.filter((status) => status === "Already exists")).toHaveLength(2);
  });

  it("says what is missing", async () => {
    const content = await fresh();
    const attempt = pullText(content, `${registry.host}/nobody/nothing:1`);
    await expect(attempt).rejects.toThrow(/nobody\/nothing 1 is not known at 127/);
  });

  it("unpacks an image of 150 layers", async () => {
    const content = await fresh();
    const layers = Array.from({ length: 150 }, (_, at) => [{ name: `f${at}`, content: `${at}` }]);
    await pushImage(registry.url, "deep", "1", await makeImage({ layers }));
    const { id } = await pullText(content, `${registry.host}/deep:1`);
    expect(content.catalog.get(id)?.chain).toHaveLength(150);
  });
});
