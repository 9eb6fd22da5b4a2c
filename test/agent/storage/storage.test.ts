// Container roots on real mounts. Needs root; each test works below its own temporary folder.
import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, readFileSync, statSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nativeUnpacker } from "../../../agent/images/unpack.ts";
import { loadNative, type Native } from "../../../agent/native/index.ts";
import { chooseStorage } from "../../../agent/storage/choose.ts";
import { CopyDriver, nativeFlatten } from "../../../agent/storage/copy.ts";
import { OverlayDriver } from "../../../agent/storage/overlay.ts";
import { type Entry, tarOf } from "../images/make-image.ts";

const build = join(import.meta.dirname, "../../../agent/native/build");
const binary = join(build, "fairlead-runtime");
const missing =
  process.getuid?.() !== 0
    ? "root is needed"
    : existsSync(join(build, "fairlead.node"))
      ? undefined
      : "agent/native is not built";

describe.skipIf(missing !== undefined)(`storage (skipped: ${missing ?? "no"})`, () => {
  let folder = "";
  let native: Native;
  let serial = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "fairlead-storage-"));
    native = loadNative(join(build, "fairlead.node"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function layer(entries: Entry[], whiteouts: "overlay" | "marker" = "overlay") {
    const directory = join(folder, `layer-${serial++}`);
    await mkdir(directory);
    await nativeUnpacker(binary)(Readable.from([await tarOf(entries)]), { directory, whiteouts });
    return directory;
  }

  const threeLayers = (whiteouts: "overlay" | "marker") => [
    layer(
      [
        { name: "./", type: "directory", mode: 0o755 },
        { name: "etc/hosts", content: "old" },
        { name: "gone", content: "1" },
        { name: "dir/old", content: "1" },
        { name: "swap/inner", content: "1" },
      ],
      whiteouts,
    ),
    layer(
      [
        { name: "./", type: "directory", mode: 0o755 },
        { name: "etc/hosts", content: "new", mode: 0o640, uid: 5 },
        { name: ".wh.gone", content: "" },
        { name: "dir/.wh..wh..opq", content: "" },
        { name: "dir/new", content: "2" },
        { name: "swap", content: "a file now" },
      ],
      whiteouts,
    ),
    layer(
      [
        { name: "./", type: "directory", mode: 0o711, uid: 7 },
        { name: "a", content: "3" },
        { name: "b", type: "link", linkname: "a" },
        { name: "s", type: "symlink", linkname: "a" },
        { name: "null", type: "character-device", devmajor: 1, devminor: 3 },
      ],
      whiteouts,
    ),
  ];

  function checkRoot(root: string): void {
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

  it("mounts layers as one root, keeps what is written, and leaves nothing", async () => {
    const driver = new OverlayDriver(join(folder, "overlay"), native);
    const layers = await Promise.all(threeLayers("overlay"));
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
    for (let at = 0; at < 200; at++) layers.push(await layer([{ name: `f${at}`, content: "" }]));
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
    const root = await driver.mount("c1", await Promise.all(threeLayers(form)));
    checkRoot(root);
    await writeFile(join(root, "written"), "12345");
    expect(await driver.usage("c1")).toBe(5);
    await driver.remove("c1");
    expect(existsSync(root)).toBe(false);
  });

  it("takes overlay where it works, and copies where it does not", async () => {
    const request = { native, flatten: nativeFlatten(binary) };
    const good = await chooseStorage({ ...request, root: folder });
    expect([good.driver.name, good.whiteouts]).toEqual(["overlay", "overlay"]);
    const asked = await chooseStorage({ ...request, root: folder, wanted: "copy" });
    expect([asked.driver.name, asked.whiteouts]).toEqual(["copy", "marker"]);
    await expect(chooseStorage({ ...request, root: folder, wanted: "zfs" })).rejects.toThrow(
      /unknown storage driver "zfs"/,
    );
    const [lower, upper, work, nested] = ["l", "u", "w", "m"].map((name) => join(folder, name));
    execFileSync("mkdir", [lower, upper, work, nested].map(String));
    const options = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
    execFileSync("mount", ["-t", "overlay", "overlay", "-o", options, String(nested)]);
    try {
      // An overlay cannot be the upper layer of another one: whiteouts cannot be made in it.
      const other = await chooseStorage({ ...request, root: String(nested) });
      expect(other.driver.name).toBe("copy");
      expect(other.reason).toBeTruthy();
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
