// A disk that stands still, as a file system frozen for a snapshot does: log and state cannot be
// written, and the shim answers, signals and stops all the same.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchShim } from "../../../agent/runtime/shim.ts";
import { alive, BINARY, eventually, makeShimLab, type ShimLab, whyNot } from "./shim-lab.ts";

const sh = (script: string) => execFileSync("sh", ["-c", script], { stdio: "pipe" }).toString();

/** A file system in a file, which may be frozen; undefined where there are no loop devices. */
function mountImage(folder: string): string | undefined {
  const at = join(folder, "disk");
  mkdirSync(at);
  try {
    sh(`truncate -s 32M ${at}.img && mkfs.ext4 -q ${at}.img && mount -o loop ${at}.img ${at}`);
    return at;
  } catch (error) {
    console.log(`skipped: no file system that can be frozen: ${error}`);
    return undefined;
  }
}

const reason = whyNot();
describe.skipIf(reason)(`a shim whose disk stands still (skipped: ${reason ?? "no"})`, () => {
  let lab: ShimLab;
  let disk: string | undefined;
  beforeAll(() => {
    lab = makeShimLab();
    disk = mountImage(lab.folder);
  });
  afterAll(async () => {
    if (disk) sh(`fsfreeze -u ${disk} 2>/dev/null || true`);
    await lab.clean().catch(() => undefined);
    if (disk) sh(`umount -l ${disk}`);
  });

  /** A container whose log is on the disk. */
  const specimen = (name: string, run: string, more: { bufferBytes?: number } = {}) => {
    const box = lab.specimen({ run });
    const path = join(disk!, `${name}.json`);
    box.rewrite({ log: { driver: "json-file", path, maxSizeBytes: 0, maxFiles: 1, ...more } });
    return { box, path };
  };
  const linesOf = (path: string) =>
    readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line).log as string);

  test("answers meanwhile, and loses no line once it moves again", async () => {
    if (!disk) return;
    const run = "trap 'echo bye; exit 4' TERM; n=0; while :; do n=$((n+1)); echo $n; done";
    const { box, path } = specimen("log", run);
    await box.begin();
    await eventually("lines", () => linesOf(path).length > 100);
    sh(`fsfreeze -f ${disk}`);
    await sleep(300);
    expect((await box.client.state()).status).toBe("running");
    await box.client.pause();
    await box.client.resume();
    await box.client.kill(28); // SIGWINCH
    sh(`fsfreeze -u ${disk}`);
    const before = linesOf(path).length;
    await eventually("more lines", () => linesOf(path).length > before);
    await box.client.stop(15, 5_000);
    expect(await box.ended()).toMatchObject({ exitCode: 4 });
    const lines = linesOf(path);
    expect(lines.at(-1)).toBe("bye\n");
    expect(lines.slice(0, -1).every((line, at) => line === `${at + 1}\n`)).toBe(true);
  });

  test("holds no output up where lines may be dropped, and says how many were", async () => {
    if (!disk) return;
    const run = "trap 'seq 100000; exit 5' USR1; echo first; while :; do sleep 0.05; done";
    const { box, path } = specimen("drops", run, { bufferBytes: 65_536 });
    await box.begin();
    await eventually("a line", () => linesOf(path).length > 0);
    sh(`fsfreeze -f ${disk}`);
    await box.client.kill(10);
    const ended = async () => (await box.client.state()).status === "exited";
    for (let tries = 0; !(await ended()) && tries < 100; tries += 1) await sleep(50);
    expect(await box.client.state()).toMatchObject({ status: "exited", exitCode: 5 });
    sh(`fsfreeze -u ${disk}`);
    const note = /^fairlead: \d+ log lines were dropped: No buffer space available\n$/;
    await eventually("a note", () => linesOf(path).some((line) => note.test(line)));
    expect(linesOf(path).slice(0, 2)).toEqual(["first\n", "1\n"]);
  });

  test("stops while neither log nor state can be written, which is made up for", async () => {
    if (!disk) return;
    const { box, path } = specimen("both", "while :; do echo tick; sleep 0.02; done");
    const stateDir = join(disk, "state");
    mkdirSync(stateDir);
    const { socket } = box.client;
    const { pid } = await launchShim({ binary: BINARY, bundle: box.bundle, socket, stateDir });
    await box.client.start();
    await eventually("lines", () => linesOf(path).length > 3);
    sh(`fsfreeze -f ${disk}`);
    await sleep(200);
    await box.client.kill(28);
    await box.client.stop(15, 100);
    expect(alive(pid)).toBe(false);
    expect((await box.client.state()).exitCode).toBe(137);
    const saved = () => JSON.parse(readFileSync(join(stateDir, "state.json"), "utf8"));
    expect(saved().status).toBe("running");
    sh(`fsfreeze -u ${disk}`);
    await eventually("the state", () => saved().status === "exited");
    expect(new Set(linesOf(path))).toEqual(new Set(["tick\n"]));
  });
});
