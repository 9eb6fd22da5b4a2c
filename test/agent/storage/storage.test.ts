// Container roots on real mounts. Needs root; each test works below its own temporary folder.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadNative, type Native } from "../../../agent/native/index.ts";
import { chooseStorage } from "../../../agent/storage/choose.ts";
import { nativeFlatten } from "../../../agent/storage/driver/flatten.ts";
import { CopyDriver } from "../../../agent/storage/drivers/copy.ts";
import { OverlayDriver } from "../../../agent/storage/drivers/overlay.ts";
import { addon, binary, checkRoot, layerIn, missing, threeLayers } from "./three-layers.ts";

describe.skipIf(missing !== undefined)(`storage (skipped: ${missing ?? "no"})`, () => {
  let folder = "";
  let native: Native;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "fairlead-storage-"));
    native = loadNative(addon);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("mounts layers as one root, keeps what is written, and leaves nothing", async () => {
    const driver = new OverlayDriver(join(folder, "overlay"), native);
    const layers = await threeLayers(folder, "overlay");
    const root = await driver.mount("c1", layers);
    try {
      checkRoot(root);
      expect(await driver.mount("c1", layers)).toBe(root);
      await writeFile(join(root, "written"), "12345");
      expect(await driver.usage("c1")).toBe(5);
      await driver.unmount("c1");
      await driver.unmount("c1");
      expect(existsSync(join(root, "written"))).toBe(false);
      await driver.mount("c1", layers);
      expect(readFileSync(join(root, "written"), "utf8")).toBe("12345");
    } finally {
      await driver.remove("c1");
    }
    expect(existsSync(root)).toBe(false);
    expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(root);
    await driver.remove("c1");
  });

  it("mounts 200 layers, and none", async () => {
    const driver = new OverlayDriver(join(folder, "many"), native);
    const layers: string[] = [];
    for (let at = 0; at < 200; at++) {
      layers.push(await layerIn(folder, [{ name: `f${at}`, content: "" }], "overlay"));
    }
    try {
      const root = await driver.mount("deep", layers);
      expect(existsSync(join(root, "f0")) && existsSync(join(root, "f199"))).toBe(true);
      const scratch = await driver.mount("scratch", []);
      await writeFile(join(scratch, "file"), "");
    } finally {
      await driver.remove("deep");
      await driver.remove("scratch");
    }
  });

  it.each(["overlay", "marker"] as const)("copies layers with %s whiteouts", async (form) => {
    const driver = new CopyDriver(join(folder, `copy-${form}`), nativeFlatten(binary));
    const root = await driver.mount("c1", await threeLayers(folder, form));
    checkRoot(root);
    await writeFile(join(root, "written"), "12345");
    expect(await driver.usage("c1")).toBe(5);
    await driver.remove("c1");
    expect(existsSync(root)).toBe(false);
  });

  it("takes overlay where it works, and copies where it does not", async () => {
    const request = { native, flatten: nativeFlatten(binary), userNamespace: false };
    const good = await chooseStorage({ ...request, root: folder });
    expect([good.driver.name, good.reason]).toEqual(["overlay", "the preferred one works here"]);
    const asked = await chooseStorage({ ...request, root: folder, wanted: "copy" });
    expect([asked.driver.name, asked.reason]).toEqual(["copy", "asked for with --storage"]);
    const [lower, upper, work, nested] = ["l", "u", "w", "m"].map((name) => join(folder, name));
    execFileSync("mkdir", [lower, upper, work, nested].map(String));
    const options = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
    execFileSync("mount", ["-t", "overlay", "overlay", "-o", options, String(nested)]);
    try {
      // An overlay cannot be the upper layer of another one: whiteouts cannot be made in it.
      const other = await chooseStorage({ ...request, root: String(nested) });
      expect(other.driver.name).toBe("copy");
      expect(other.reason).toMatch(
        /^overlay does not work in .*; btrfs does not work in .*not btrfs/,
      );
      const forced = chooseStorage({ ...request, root: String(nested), wanted: "overlay" });
      await expect(forced).rejects.toThrow(/overlay does not work/);
    } finally {
      execFileSync("umount", [String(nested)]);
    }
  });

  it("refuses an id that would become a path", async () => {
    const driver = new OverlayDriver(join(folder, "ids"), native);
    await expect(driver.mount("../x", [])).rejects.toThrow(/not a container id/);
  });
});
