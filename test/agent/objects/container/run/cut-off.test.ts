// The agent killed at many moments of a creation, a start and a removal: its successor makes a
// sound state of it, in which all on disk and in the kernel belongs to a container that it knows.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { agentMissing, type Engine, startAgent } from "../../../../conformance/engines.ts";
import { dockerArchive, makeImage } from "../../../images/make-image.ts";

const missing = agentMissing();
const STEPS = Number(process.env.FAIRLEAD_CUTS ?? 3);

describe.skipIf(missing !== undefined)(`a killed agent (skipped: ${missing ?? "no"})`, () => {
  let engine: Engine;
  const argvOf = (argv: string[]) => ["-H", `unix://${engine.socket}`, ...argv];
  const docker = (...argv: string[]) =>
    execFileSync("docker", argvOf(argv), { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  const words = (text: string) => text.split(/\s+/).filter(Boolean).toSorted();
  const list = (place: string) => {
    const folder = join(engine.folder, place);
    return existsSync(folder) ? readdirSync(folder).toSorted() : [];
  };
  /** The containers that have something in a folder. */
  const owners = (place: string) =>
    list(place).flatMap((name) => /^\.?[a-z]*-?([0-9a-f]{64})(\.\w+)?$/.exec(name)?.[1] ?? []);
  const ids = (...filter: string[]) => words(docker("ps", "-aq", "--no-trunc", ...filter));

  beforeAll(async () => {
    engine = await startAgent();
    const image = await makeImage({ name: "busybox:latest", config: { Cmd: ["sh"] } });
    const archive = join(engine.folder, "busybox.tar");
    writeFileSync(archive, await dockerArchive([image]));
    docker("load", "-i", archive);
    docker("network", "create", "front");
    docker("volume", "create", "data");
  });
  afterAll(() => engine?.stop());

  const box = ["--name", "box", "--network", "front", "-v", "data:/data", "busybox", "sleep", "60"];

  /** How long a command takes that nobody cuts off, in milliseconds. */
  const measure = (...argv: string[]): number => {
    const began = performance.now();
    docker(...argv);
    return performance.now() - began;
  };

  /** Begins a command, and kills the agent so long after. */
  async function cut(afterMs: number, ...argv: string[]): Promise<void> {
    const child = spawn("docker", argvOf(argv), { stdio: "ignore" });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    await sleep(afterMs);
    await engine.restart("SIGKILL");
    await ended;
  }

  function isSound(): void {
    const all = ids();
    const running = ids("--filter", "status=running");
    expect(list("root/containers")).toEqual(all);
    for (const driver of list("root/storage")) {
      for (const id of owners(`root/storage/${driver}`)) expect(all).toContain(id);
    }
    for (const place of ["run/netns", "run/shims", "run/sandboxes", "run/files"]) {
      for (const id of owners(place)) expect(running).toContain(id);
    }
    const mounts = readFileSync("/proc/self/mounts", "utf8").split("\n");
    const roots = mounts.filter((line) => line.includes(`${engine.folder}/root/storage`));
    expect(roots.length).toBeLessThanOrEqual(running.length);
    const shims = spawnSync("pgrep", ["-fc", `shim --bundle ${engine.folder}`], {
      encoding: "utf8",
    });
    expect(Number(shims.stdout)).toBe(running.length);
    expect(docker("info", "-f", "{{json .Warnings}}")).not.toContain("could not be read");
    expect(docker("volume", "ls", "-q")).toBe("data\n");
  }

  const cases: [title: string, prepare: string[][], command: string[]][] = [
    ["docker create", [], ["create", ...box]],
    ["docker start", [["create", ...box]], ["start", "box"]],
    [
      "docker start of one that ran before",
      [
        ["run", "-d", ...box],
        ["stop", "-t", "0", "box"],
      ],
      ["start", "box"],
    ],
    ["docker run", [], ["run", "-d", ...box]],
    ["docker rm -f", [["run", "-d", ...box]], ["rm", "-f", "box"]],
    ["docker run --rm", [], ["run", "--rm", ...box.slice(0, -2), "true"]],
  ];
  test.each(cases)("in the middle of %s leaves a sound state", async (_, prepare, command) => {
    for (const id of ids()) docker("rm", "-f", id);
    for (const argv of prepare) docker(...argv);
    const whole = measure(...command);
    for (const id of ids()) docker("rm", "-f", id);
    for (let step = 0; step < STEPS; step += 1) {
      for (const argv of prepare) docker(...argv);
      await cut((whole * (step + 0.5)) / STEPS, ...command);
      isSound();
      for (const id of ids()) docker("rm", "-f", id);
      isSound();
      expect(ids()).toEqual([]);
    }
  });
});
