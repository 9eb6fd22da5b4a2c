// What every storage driver of the registry must do, on a file system that it works on; and the
// choice between them. Needs root; btrfs is a loop device.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadNative, type Native } from "../../../agent/native/index.ts";
import { chooseStorage } from "../../../agent/storage/choose.ts";
import type { StorageChange, StorageDriver } from "../../../agent/storage/driver/driver.ts";
import { nativeFlatten } from "../../../agent/storage/driver/flatten.ts";
import { STORAGE_DRIVERS } from "../../../agent/storage/drivers/registry.ts";
import { mountBtrfs } from "./btrfs-mount.ts";
import { addon, binary, checkRoot, missing, threeLayers } from "./three-layers.ts";

const ID = "c".repeat(64);
const OTHER = "d".repeat(64);

describe.skipIf(missing !== undefined)(`drivers (skipped: ${missing ?? "no"})`, () => {
  let folder = "";
  let native: Native;
  /** Folders on file systems of different kinds, and why one is not there. */
  const places: string[] = [];
  let without = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "fairlead-drivers-"));
    native = loadNative(addon);
    places.push(join(folder, "plain"));
    await mkdir(places[0] ?? "");
    without = await mountBtrfs(join(folder, "image"), join(folder, "btrfs"));
    if (without === "") places.push(join(folder, "btrfs"));
  });
  afterAll(async () => {
    if (without === "") execFileSync("umount", [join(folder, "btrfs")]);
    await rm(folder, { recursive: true, force: true });
  });

  const request = () => ({ native, flatten: nativeFlatten(binary), userNamespace: false });

  async function opened(name: string): Promise<{ driver: StorageDriver; place: string }> {
    const entry = STORAGE_DRIVERS.find((one) => one.name === name);
    const refusals: string[] = [without];
    for (const at of places) {
      const place = await mkdtemp(join(at, `${name}-`));
      try {
        const driver = await entry?.open({ ...request(), folder: join(place, "storage") });
        if (driver) return { driver, place };
      } catch (error) {
        refusals.push((error as Error).message);
      }
    }
    throw new Error(refusals.join("; "));
  }

  it.for(STORAGE_DRIVERS.map(({ name }) => name))("%s", async (name, context) => {
    const found = await opened(name).catch((error: Error) => error);
    if (found instanceof Error) return context.skip(found.message);
    const { driver, place } = found;
    const layers = await threeLayers(place, driver.layerForm);
    const root = await driver.mount(ID, layers);
    const other = await driver.mount(OTHER, layers);
    try {
      checkRoot(root);
      expect([await driver.usage(ID), await driver.changes(ID, layers)]).toEqual([0, []]);
      await writeFile(join(root, "written"), "12345");
      await rm(join(root, "s"));
      await chmod(join(root, "kept"), 0o600);
      await rm(join(root, "dir"), { recursive: true });
      await mkdir(join(root, "fresh"));
      await writeFile(join(root, "fresh/file"), "123");
      expect(shown(await driver.changes(ID, layers))).toEqual([
        "added /fresh",
        "added /fresh/file",
        "added /written",
        "deleted /dir",
        "deleted /s",
        "modified /kept",
      ]);
      checkRoot(other);
      expect(await driver.usage(ID)).toBeGreaterThan(5);
      await driver.unmount(ID);
      await driver.unmount(ID);
      expect(await driver.mount(ID, layers)).toBe(root);
      expect(readFileSync(join(root, "written"), "utf8")).toBe("12345");
      expect(await driver.changes(OTHER, layers)).toEqual([]);
    } finally {
      await driver.remove(ID);
      await driver.remove(OTHER);
    }
    expect([existsSync(root), existsSync(other)]).toEqual([false, false]);
    await driver.remove(ID);
    await driver.forgetLayer?.(layers.at(-1) ?? "");
    expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(join(place, "storage"));
    await expect(driver.mount("../x", layers)).rejects.toThrow(/not a container id/);
  });

  it("btrfs removes subvolumes that a container made, also read-only ones", async (context) => {
    if (without !== "") context.skip(without);
    const { driver, place } = await opened("btrfs");
    const layers = await threeLayers(place, driver.layerForm);
    const root = await driver.mount(ID, layers);
    const btrfs = (...args: string[]) => execFileSync("btrfs", ["subvolume", ...args]);
    btrfs("create", join(root, "own"));
    btrfs("create", join(root, "own/deeper"));
    btrfs("snapshot", "-r", join(root, "own"), join(root, "frozen"));
    await driver.remove(ID);
    await driver.forgetLayer?.(layers.at(-1) ?? "");
    expect(existsSync(root)).toBe(false);
    expect(String(btrfs("list", join(folder, "btrfs")))).not.toContain(ID);
  });

  it("is the one that keeps containers already, and no other is taken while it does", async () => {
    const root = await mkdtemp(join(folder, "kept-"));
    const copy = await chooseStorage({ ...request(), root, wanted: "copy" });
    const layers = await threeLayers(folder, copy.driver.layerForm);
    await copy.driver.mount(ID, layers);
    const chosen = await chooseStorage({ ...request(), root });
    expect([chosen.driver.name, chosen.reason]).toEqual([
      "copy",
      "containers of this host are kept by it",
    ]);
    await expect(chooseStorage({ ...request(), root, wanted: "overlay" })).rejects.toMatchObject({
      code: "conflict",
      message: "storage driver overlay: 1 containers of this host are kept by the driver copy",
    });
    await copy.driver.remove(ID);
    expect((await chooseStorage({ ...request(), root })).driver.name).toBe("overlay");
  });

  it("refuses a name that the registry lacks, with those that it has", async () => {
    await expect(
      chooseStorage({ ...request(), root: folder, wanted: "zfs" }),
    ).rejects.toMatchObject({
      code: "invalid",
      message: 'unknown storage driver "zfs"',
      hint: "use overlay, btrfs, copy",
    });
  });
});

function shown(changes: StorageChange[]): string[] {
  return changes.map(({ kind, path }) => `${kind} ${path}`).sort();
}
