// Layers that use every kind of entry and of deletion, for the tests of storage drivers.
import { existsSync, lstatSync, readFileSync, statSync } from "node:fs";
import { mkdir, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { expect } from "vitest";
import { nativeUnpacker } from "../../../agent/images/unpack.ts";
import type { LayerForm } from "../../../agent/storage/driver/driver.ts";
import { type Entry, tarOf } from "../images/make-image.ts";

const build = join(import.meta.dirname, "../../../agent/native/build");
export const binary = join(build, "fairlead-runtime");
export const addon = join(build, "fairlead.node");
export const missing =
  process.getuid?.() !== 0
    ? "root is needed"
    : existsSync(addon)
      ? undefined
      : "agent/native is not built";

/** Unpacks one layer into a new folder of `folder`. */
export async function layerIn(folder: string, entries: Entry[], whiteouts: LayerForm) {
  const directory = join(await mkdtemp(join(folder, "layer-")), "diff");
  await mkdir(directory);
  await nativeUnpacker(binary)(Readable.from([await tarOf(entries)]), { directory, whiteouts });
  return directory;
}

const root = (mode: number, uid = 0): Entry => ({ name: "./", type: "directory", mode, uid });

const THREE: Entry[][] = [
  [
    root(0o755),
    { name: "etc/hosts", content: "old" },
    { name: "gone", content: "1" },
    { name: "dir/old", content: "1" },
    { name: "swap/inner", content: "1" },
    { name: "kept", content: "as it was" },
  ],
  [
    root(0o755),
    { name: "etc/hosts", content: "new", mode: 0o640, uid: 5 },
    { name: ".wh.gone", content: "" },
    { name: "dir/.wh..wh..opq", content: "" },
    { name: "dir/new", content: "2" },
    { name: "swap", content: "a file now" },
  ],
  [
    root(0o711, 7),
    { name: "a", content: "3" },
    { name: "b", type: "link", linkname: "a" },
    { name: "s", type: "symlink", linkname: "a" },
    { name: "null", type: "character-device", devmajor: 1, devminor: 3 },
  ],
];

export function threeLayers(folder: string, form: LayerForm): Promise<string[]> {
  return Promise.all(THREE.map((entries) => layerIn(folder, entries, form)));
}

/** Expects what the three layers make together. */
export function checkRoot(root: string): void {
  expect(readFileSync(join(root, "etc/hosts"), "utf8")).toBe("new");
  expect(statSync(join(root, "etc/hosts")).uid).toBe(5);
  expect(statSync(join(root, "etc/hosts")).mode & 0o777).toBe(0o640);
  expect(existsSync(join(root, "gone"))).toBe(false);
  expect(existsSync(join(root, "dir/old"))).toBe(false);
  expect(readFileSync(join(root, "dir/new"), "utf8")).toBe("2");
  expect(readFileSync(join(root, "swap"), "utf8")).toBe("a file now");
  expect(statSync(join(root, "b")).nlink).toBe(2);
  expect(lstatSync(join(root, "s")).isSymbolicLink()).toBe(true);
  expect(statSync(join(root, "null")).rdev).toBe(0x103);
  expect([statSync(root).mode & 0o7777, statSync(root).uid]).toEqual([0o711, 7]);
}
