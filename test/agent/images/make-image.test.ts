// The images made for tests are themselves checked against skopeo, which is no code of ours.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dockerArchive, makeImage, ociLayout, pushImage } from "./make-image.ts";
import { registryMissing, startRegistry } from "./registry.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fairlead-make-image-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const skopeo = existsSync("/usr/bin/skopeo");

describe.skipIf(!skopeo)("images made for tests (skipped when skopeo is not installed)", () => {
  it("gives archives that skopeo reads", async () => {
    const image = await makeImage({ name: "tiny:1" });
    await writeFile(join(folder, "docker.tar"), await dockerArchive([image]));
    await writeFile(join(folder, "oci.tar"), await ociLayout([image]));
    expect(layersOf(`docker-archive:${folder}/docker.tar:tiny:1`)).toHaveLength(1);
    expect(layersOf(`oci-archive:${folder}/oci.tar:1`)).toEqual(image.layers.map((l) => l.digest));
  });

  it.skipIf(registryMissing() !== undefined)("pushes to a registry", async () => {
    const registry = await startRegistry();
    try {
      const image = await makeImage();
      await pushImage(registry.url, "a/b", "1", image);
      expect(layersOf(`docker://${registry.host}/a/b:1`, "--tls-verify=false")).toEqual([
        image.layers[0]?.digest,
      ]);
    } finally {
      await registry.stop();
    }
  });
});

function layersOf(source: string, ...options: string[]): string[] {
  const text = execFileSync("skopeo", ["inspect", ...options, source], { timeout: 20_000 });
  return JSON.parse(text.toString()).Layers;
}
