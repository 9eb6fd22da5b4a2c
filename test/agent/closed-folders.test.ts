// No other user of the host reaches what containers have written: an attack with set-user-id
// programs, device nodes and open files in every kind of folder, as an ordinary user.
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { agentMissing, type Engine, startAgent } from "../conformance/engines.ts";
import { dockerArchive, makeImage } from "./images/make-image.ts";

const missing = agentMissing();
// By way of a shell: setpriv keeps its rights until the program that it runs has begun.
const NOBODY = "setpriv --reuid=65534 --regid=65534 --clear-groups -- sh -c"
  .split(" ")
  .concat('"$@"', "sh");

/** Everything that would be worth something: runs as root, reads a disk, or is open to all. */
const PLANT = `cp /bin/busybox $1/whoami && chmod 4755 $1/whoami &&
  mknod $1/zero c 1 5 && chmod 666 $1/zero && echo secret > $1/open && chmod 666 $1/open`;

describe.skipIf(missing !== undefined)(`the folders of the agent (skipped: ${missing})`, () => {
  let engine: Engine;
  const docker = (...argv: string[]) =>
    execFileSync("docker", ["-H", `unix://${engine.socket}`, ...argv], { encoding: "utf8" }).trim();

  beforeAll(async () => {
    engine = await startAgent();
    // The folder of the test is closed itself, which must not be what the test proves.
    chmodSync(engine.folder, 0o755);
    const archive = join(engine.folder, "image.tar");
    const bait = { name: "bait", content: "in a layer", mode: 0o4755 };
    const image = await makeImage({ name: "busybox:latest", config: { Cmd: ["sh"] } });
    const baited = await makeImage({ name: "bait:1", layers: [[bait]] });
    writeFileSync(archive, await dockerArchive([image, baited]));
    docker("load", "-i", archive);
    docker("run", "-d", "--name", "box", "-v", "data:/data", "busybox", "sleep", "600");
    for (const place of ["/data", "/root"]) docker("exec", "box", "sh", "-c", PLANT, "sh", place);
  });
  afterAll(() => engine?.stop());

  /** Files as root finds them, which is what an attacker who knows the names would try. */
  const planted = (): string[] => {
    const names = ["whoami", "zero", "open", "bait"].flatMap((name) => ["-o", "-name", name]);
    const argv = [join(engine.folder, "root"), "(", ...names.slice(1), ")"];
    return execFileSync("find", argv, { encoding: "utf8" }).trim().split("\n");
  };
  const asNobody = (...argv: string[]) => spawnSync("env", [...NOBODY, ...argv]).status === 0;

  const nothingIsReached = () => {
    const found = planted();
    for (const place of ["/volumes/", "/storage/", "/layers/"]) {
      expect(found.some((path) => path.includes(place))).toBe(true);
    }
    expect(found.filter((path) => asNobody("test", "-e", path))).toEqual([]);
    expect(found.filter((path) => asNobody(path))).toEqual([]);
    expect(found.filter((path) => asNobody("head", "-c1", path))).toEqual([]);
    const folders = execFileSync("find", [
      engine.folder,
      "-mindepth",
      "2",
      "-maxdepth",
      "2",
      "-type",
      "d",
    ]);
    for (const folder of String(folders).trim().split("\n")) {
      expect([folder, asNobody("ls", folder)]).toEqual([folder, false]);
    }
  };

  test("let no other user at files of volumes, roots and layers", nothingIsReached);

  test("are closed by the next start where an older agent left them open", async () => {
    await engine.restart("SIGKILL", () => {
      const open = (place: string) => {
        const path = join(engine.folder, place);
        if (existsSync(path)) chmodSync(path, 0o711);
      };
      for (const place of ["root", "run", "root/volumes", "root/layers", "root/storage"])
        open(place);
      for (const place of ["root/storage/overlay", "root/images", "run/netns"]) open(place);
      expect(planted().some((path) => asNobody("test", "-e", path))).toBe(true);
    });
    nothingIsReached();
    expect(docker("exec", "box", "cat", "/data/open")).toBe("secret");
  });

  test("leave the socket to be found by who may use it", () => {
    expect(asNobody("test", "-S", engine.socket)).toBe(true);
    expect(asNobody("curl", "-s", "--unix-socket", engine.socket, "http://a/_ping")).toBe(false);
  });
});
