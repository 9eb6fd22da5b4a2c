// Volumes by the docker command and by what containers ask of them. Needs root for mounts.

import { existsSync, readFileSync, statSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { EventLog } from "../../../../agent/objects/event.ts";
import { Volumes } from "../../../../agent/objects/volume/volumes.ts";
import { RecordStore } from "../../../../agent/state/record-store.ts";
import { dockerMissing, type Served, serve } from "../../images/serve.ts";

const missing = dockerMissing();

describe.skipIf(missing !== undefined)(`volumes (skipped: ${missing ?? "no"})`, () => {
  let served: Served;
  let outside = "";
  let uses: { volume: string; container: string }[] = [];
  const docker = (...argv: string[]) => served.docker(...argv);
  const data = (name: string) => join(served.root, "volumes", name, "_data");
  beforeAll(async () => {
    served = await serve();
    served.volumes.setUsage(() => uses);
    outside = await mkdtemp(join(tmpdir(), "fairlead-volume-device-"));
  });
  afterEach(async () => {
    uses = [];
    await served.volumes.prune(new Map([["all", ["true"]]]));
  });
  afterAll(async () => {
    await served.stop();
    await rm(outside, { recursive: true, force: true });
  });

  it("creates, lists, inspects and removes", async () => {
    expect(await docker("volume", "create", "--label", "a=b", "data")).toBe("data\n");
    expect(await docker("volume", "create", "data")).toBe("data\n");
    const anonymous = (await docker("volume", "create")).trim();
    expect(anonymous).toMatch(/^[a-f0-9]{64}$/);
    const [seen] = JSON.parse(await docker("volume", "inspect", "data"));
    expect(seen).toMatchObject({
      Name: "data",
      Driver: "local",
      Labels: { a: "b" },
      Mountpoint: data("data"),
      Scope: "local",
    });
    expect(statSync(data("data")).mode & 0o777).toBe(0o755);
    expect(await docker("volume", "ls", "-q", "--filter", "label=a=b")).toBe("data\n");
    expect(await docker("volume", "ls", "-q", "--filter", "name=at")).toBe("data\n");
    expect(await docker("volume", "ls", "-q", "--filter", "driver=other")).toBe("");
    uses = [{ volume: "data", container: "c1" }];
    expect(await docker("volume", "ls", "-q", "-f", "dangling=true")).toBe(`${anonymous}\n`);
    await expect(docker("volume", "rm", "data")).rejects.toThrow(/volume is in use - \[c1\]/);
    uses = [];
    expect(await docker("volume", "rm", "data")).toBe("data\n");
    expect(existsSync(join(served.root, "volumes/data"))).toBe(false);
    await expect(docker("volume", "rm", "data")).rejects.toThrow(/get data: no such volume/);
    await docker("volume", "rm", "-f", "data");
  });

  it("prunes anonymous volumes, and named ones only when told", async () => {
    await docker("volume", "create", "named");
    const anonymous = (await docker("volume", "create")).trim();
    await writeFile(join(data(anonymous), "file"), "12345");
    const first = await docker("volume", "prune", "-f");
    expect(first).toContain(anonymous);
    expect(first).toContain("Total reclaimed space: 5B");
    expect(await docker("volume", "ls", "-q")).toBe("named\n");
    expect(await docker("volume", "prune", "-af")).toContain("named");
  });

  it.each([
    ["../evil", /invalid characters/],
    ["a/b", /invalid characters/],
    ["-x;rm", /invalid characters|unknown shorthand/],
    ["x", /invalid characters/],
  ])("refuses the name %s", async (name, message) => {
    await expect(docker("volume", "create", "--name", name)).rejects.toThrow(message);
  });

  it.each([
    [["--driver", "nfs-plugin"], /plugin "nfs-plugin" not found: use local/],
    [["-o", "size=10m"], /invalid option: "size"/],
    [["-o", "type=ext4"], /missing device/],
    [["-o", "device=/x"], /missing required option: type/],
  ])("refuses %s", async (options, message) => {
    await expect(docker("volume", "create", ...options, "vol")).rejects.toThrow(message);
    expect(served.volumes.find("vol")).toBeUndefined();
  });

  it("mounts a directory of the host while containers hold it, and never deletes it", async () => {
    await writeFile(join(outside, "precious"), "safe");
    const options = ["-o", "type=none", "-o", "o=bind,ro", "-o", `device=${outside}`];
    await docker("volume", "create", ...options, "bound");
    await expect(docker("volume", "create", "-o", "type=tmpfs", "bound")).rejects.toThrow(
      /already exists with other options/,
    );
    const path = await served.volumes.mount("bound", "c1");
    await served.volumes.mount("bound", "c2");
    expect(readFileSync(join(path, "precious"), "utf8")).toBe("safe");
    await served.volumes.unmount("bound", "c1");
    expect(existsSync(join(path, "precious"))).toBe(true);
    await served.volumes.unmount("bound", "c2");
    expect(existsSync(join(path, "precious"))).toBe(false);
    await served.volumes.mount("bound", "c1");
    await docker("volume", "rm", "bound");
    expect(readFileSync(join(outside, "precious"), "utf8")).toBe("safe");
  });

  it("mounts memory, and says what it cannot mount", async () => {
    const tmpfs = ["-o", "type=tmpfs", "-o", "device=tmpfs", "-o", "o=size=1m,mode=1770"];
    await docker("volume", "create", ...tmpfs, "memory");
    const path = await served.volumes.mount("memory", "c1");
    expect(statSync(path).mode & 0o7777).toBe(0o1770);
    expect(await served.volumes.usage("memory")).toEqual({ bytes: -1, containers: 0 });
    const lost = ["-o", "type=none", "-o", "o=bind", "-o", "device=/no/such/place"];
    await docker("volume", "create", ...lost, "lost");
    await expect(served.volumes.mount("lost", "c1")).rejects.toThrow(/failed to mount volume lost/);
  });

  it("keeps volumes and labels over a restart", async () => {
    await docker("volume", "create", "kept");
    const label = "dev.fairlead.name";
    const edits = [
      served.volumes.relabel("kept", { labels: { [label]: "kept", more: "1" } }),
      served.volumes.relabel("kept", { labels: { more: null }, expects: { [label]: "kept" } }),
    ];
    await Promise.all(edits);
    await expect(
      served.volumes.relabel("kept", { labels: { more: "2" }, expects: { [label]: null } }),
    ).rejects.toThrow(`kept: the label ${label} was changed`);
    const again = new Volumes({
      root: served.root,
      records: new RecordStore(() => undefined),
      mounts: served.native,
      flatten: async () => undefined,
      events: new EventLog(),
    });
    await mkdir(join(served.root, "volumes/.removed-old"), { recursive: true });
    await again.load();
    expect(again.inspect("kept").Labels).toEqual({ "dev.fairlead.name": "kept" });
    expect(await readdir(join(served.root, "volumes"))).toEqual(["kept"]);
  });

  it("fills an empty volume from the image, without following links out of it", async () => {
    const rootfs = await mkdtemp(join(served.root, "rootfs-"));
    await mkdir(join(rootfs, "srv/www"), { recursive: true, mode: 0o750 });
    await writeFile(join(rootfs, "srv/www/index.html"), "hello");
    await symlink("/srv", join(rootfs, "link"));
    await symlink(outside, join(rootfs, "out"));
    await writeFile(join(outside, "precious"), "safe");
    for (const name of ["filled", "empty", "twice"]) await docker("volume", "create", name);
    await served.volumes.populate("filled", rootfs, "/link/www");
    expect(readFileSync(join(data("filled"), "index.html"), "utf8")).toBe("hello");
    expect(statSync(data("filled")).mode & 0o777).toBe(0o750);
    await served.volumes.populate("empty", rootfs, "/out");
    expect(await readdir(data("empty"))).toEqual([]);
    await writeFile(join(data("twice"), "mine"), "");
    await served.volumes.populate("twice", rootfs, "/srv/www");
    expect(await readdir(data("twice"))).toEqual(["mine"]);
  });
});
