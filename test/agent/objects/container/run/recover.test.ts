// The agent's crash safety on a real kernel: killed, upgraded, rebooted, and a shim that dies.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { agentMissing, type Engine, startAgent } from "../../../../conformance/engines.ts";
import { dockerArchive, makeImage } from "../../../images/make-image.ts";

const missing = agentMissing();

describe.skipIf(missing !== undefined)(`the agent (skipped: ${missing ?? "no"})`, () => {
  let engine: Engine;
  const docker = (...argv: string[]) =>
    execFileSync("docker", ["-H", `unix://${engine.socket}`, ...argv], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    }).trim();
  const run = (name: string, ...rest: string[]) => docker("run", "-d", "--name", name, ...rest);
  const status = (name: string) => docker("inspect", "-f", "{{.State.Status}}", name);
  const pid = (name: string) => docker("inspect", "-f", "{{.State.Pid}}", name);
  const until = async (what: () => boolean) => {
    for (let tries = 0; tries < 100; tries += 1) {
      if (what()) return;
      await sleep(50);
    }
    throw new Error("it did not come about within 5 s");
  };
  const idOf = (name: string) => docker("inspect", "-f", "{{.Id}}", name);
  const folderOf = (name: string) => join(engine.folder, "root/containers", idOf(name));
  const stateOf = (folder: string) =>
    JSON.parse(readFileSync(join(folder, "bundle/state.json"), "utf8"));

  beforeAll(async () => {
    engine = await startAgent();
    const archive = join(engine.folder, "busybox.tar");
    const image = await makeImage({ name: "busybox:latest", config: { Cmd: ["sh"] } });
    writeFileSync(archive, await dockerArchive([image]));
    docker("load", "-i", archive);
  });
  afterAll(() => engine?.stop());

  const gone = (name: string) => docker("ps", "-aq", "--filter", `name=^/${name}$`) === "";

  test("kill -9 and a new agent leave containers, logs and policies as they are", async () => {
    run("keeps", "busybox", "sh", "-c", "while :; do date; sleep 0.1; done");
    run("restarts", "--restart", "always", "busybox", "sleep", "0.7");
    run("ends", "busybox", "sh", "-c", "sleep 0.5; exit 9");
    run("goes", "--rm", "busybox", "sleep", "0.5");
    run("stopped", "--restart", "always", "busybox", "sleep", "100");
    docker("stop", "-t", "0", "stopped");
    const [first, log] = [pid("keeps"), join(folderOf("keeps"), "..")];
    await engine.restart("SIGKILL");
    expect(existsSync(log)).toBe(true);
    await sleep(1500);
    await engine.restart("SIGKILL");
    expect(pid("keeps")).toBe(first);
    expect(docker("exec", "keeps", "echo", "reached")).toBe("reached");
    const lines = docker("logs", "keeps").split("\n").length;
    await sleep(500);
    expect(docker("logs", "keeps").split("\n").length).toBeGreaterThan(lines);
    expect(docker("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "ends")).toBe(
      "exited 9",
    );
    expect(Number(docker("inspect", "-f", "{{.RestartCount}}", "restarts"))).toBeGreaterThan(0);
    expect(status("stopped")).toBe("exited");
    await until(() => gone("goes"));
    docker("rm", "-f", "keeps", "restarts", "ends", "stopped");
  });

  test("SIGTERM leaves containers running too", async () => {
    run("stays", "busybox", "sleep", "100");
    const before = pid("stays");
    await engine.restart("SIGTERM");
    expect(pid("stays")).toBe(before);
    docker("rm", "-f", "stays");
  });

  test("a killed shim takes its container along, and the policy brings it back", async () => {
    run("back", "--restart", "unless-stopped", "busybox", "sleep", "100");
    run("lost", "busybox", "sleep", "100");
    const before = pid("back");
    for (const name of ["back", "lost"]) {
      process.kill(stateOf(folderOf(name)).shimPid, "SIGKILL");
    }
    await until(() => status("lost") === "exited");
    expect(docker("inspect", "-f", "{{.State.ExitCode}}", "lost")).toBe("255");
    await until(() => status("back") === "running" && pid("back") !== before);
    docker("rm", "-f", "back", "lost");
  });

  test("losses of shims count as restarts, and only so many bring it back", async () => {
    run("counts", "--restart", "on-failure:2", "busybox", "sleep", "100");
    const count = () => Number(docker("inspect", "-f", "{{.RestartCount}}", "counts"));
    for (const losses of [1, 2]) {
      process.kill(stateOf(folderOf("counts")).shimPid, "SIGKILL");
      await until(() => status("counts") === "running" && count() === losses);
    }
    const { shimPid, restartDelayMs } = stateOf(folderOf("counts"));
    expect(restartDelayMs).toBe(200);
    process.kill(shimPid, "SIGKILL");
    await until(() => status("counts") === "exited");
    await sleep(600);
    expect([status("counts"), count()]).toEqual(["exited", 2]);
    docker("rm", "-f", "counts");
  });

  test("a reboot starts what should run, records the rest and keeps what was written", async () => {
    run("always", "--restart", "always", "busybox", "sleep", "100");
    run("unless", "--restart", "unless-stopped", "busybox", "sleep", "100");
    run("stopped", "--restart", "unless-stopped", "busybox", "sleep", "100");
    run("plain", "busybox", "sh", "-c", "echo kept > /file; sleep 100");
    docker("stop", "-t", "0", "stopped");
    docker("create", "--name", "never", "--restart", "always", "busybox");
    await sleep(200);
    const folders = ["always", "unless", "plain"].map(folderOf);
    await engine.restart("SIGKILL", () => pullThePlug(folders));
    await until(() => status("always") === "running" && status("unless") === "running");
    expect(docker("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "plain")).toBe(
      "exited 255",
    );
    expect([status("stopped"), status("never")]).toEqual(["exited", "created"]);
    expect(docker("cp", "plain:/file", "-")).toContain("kept");
    docker("start", "plain");
    expect(docker("exec", "plain", "cat", "/file")).toBe("kept");
    docker("rm", "-f", "always", "unless", "stopped", "plain", "never");
  });

  test("half-made containers of a crash are cleaned away", async () => {
    const folder = join(engine.folder, "root/containers");
    const half = join(folder, "ab".repeat(32));
    execFileSync("mkdir", ["-p", join(half, "bundle")]);
    await engine.restart();
    expect(existsSync(half)).toBe(false);
    run("removing", "busybox", "true");
    const record = join(folderOf("removing"), "record.json");
    await until(() => status("removing") === "exited");
    // While no agent is there, which could write its own after this.
    await engine.restart("SIGKILL", () => {
      const content = JSON.parse(readFileSync(record, "utf8"));
      writeFileSync(record, JSON.stringify({ ...content, removing: true }));
    });
    expect(gone("removing")).toBe(true);
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([
    ["empty", () => ""],
    ["cut off", (text: string) => text.slice(0, text.length - 20)],
    ["an empty object", () => "{}"],
  ])("a container whose record is %s is kept, told, and may be given up", async (_, damage) => {
    docker("volume", "create", "data");
    run("web", "-v", "data:/data", "busybox", "sleep", "100");
    run("other", "--restart", "always", "busybox", "sleep", "100");
    const [before, folder, id] = [pid("web"), folderOf("web"), idOf("web")];
    const path = join(folder, "record.json");
    await engine.restart("SIGKILL", () => writeFileSync(path, damage(readFileSync(path, "utf8"))));
    expect([pid("web"), status("web"), status("other")]).toEqual([before, "running", "running"]);
    expect(docker("exec", "web", "echo", "reached")).toBe("reached");
    const told = docker("info", "-f", "{{json .Warnings}}");
    expect(told).toMatch(/the record of a container could not be read .*record\.json\.unreadable-/);
    const info = execFileSync("curl", [
      "-s",
      "--unix-socket",
      engine.socket,
      "http://a/fairlead/info",
    ]);
    expect(JSON.parse(info.toString()).unreadable).toMatchObject([{ path }]);
    expect(() => docker("create", "--name", "web", "busybox")).toThrow(/already in use/);
    expect(() => docker("volume", "rm", "data")).toThrow(/in use/);
    expect(() => docker("create", "-v", "data:/x", "busybox")).toThrow(/used by container web/);
    expect(() => docker("rename", "web", "new")).toThrow(/could not be read/);
    docker("stop", "-t", "0", "web");
    expect(status("web")).toBe("dead");
    expect(() => docker("start", "web")).toThrow(/could not be read/);
    docker("container", "prune", "-f");
    await engine.restart("SIGKILL");
    expect(docker("inspect", "-f", "{{.Id}} {{.State.Status}} {{.State.Dead}}", "web")).toBe(
      `${id} dead true`,
    );
    docker("rm", "web");
    expect(existsSync(folder)).toBe(false);
    docker("volume", "rm", "data");
    docker("rm", "-f", "other");
    expect(docker("info", "-f", "{{json .Warnings}}")).not.toContain("could not be read");
  });

  test("after a power cut that took a state the restart policy decides", async () => {
    run("always", "--restart", "always", "busybox", "sleep", "100");
    run("unless", "--restart", "unless-stopped", "busybox", "sleep", "100");
    run("vanished", "--restart", "always", "busybox", "sleep", "100");
    run("plain", "busybox", "sleep", "100");
    docker("create", "--name", "never", "--restart", "always", "busybox");
    const [always, unless, vanished, plain] = ["always", "unless", "vanished", "plain"].map(
      folderOf,
    );
    await engine.restart("SIGKILL", () => {
      pullThePlug([always, unless, vanished, plain].map(String));
      writeFileSync(`${always}/bundle/state.json`, "");
      writeFileSync(`${unless}/bundle/state.json`, '{"status":"runn');
      writeFileSync(`${plain}/bundle/state.json`, "");
      rmSync(`${vanished}/bundle/state.json`);
    });
    await until(() => ["always", "unless", "vanished"].every((name) => status(name) === "running"));
    expect([status("plain"), status("never")]).toEqual(["exited", "created"]);
    expect(docker("inspect", "-f", "{{.State.Error}}", "plain")).toMatch(/unknown/);
    docker("rm", "-f", "always", "unless", "vanished", "plain", "never");
  });

  test("on a full disk a creation says where and what to do, and a removal works", async () => {
    const disk = join(engine.folder, "root/containers");
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "full", disk]);
    try {
      run("box", "busybox", "sleep", "100");
      expect(() => writeFileSync(join(disk, "filler"), Buffer.alloc(2 << 20))).toThrow(/ENOSPC/);
      expect(() => docker("create", "busybox")).toThrow(
        /the disk is full: .*root\/containers.*: 0 MiB and \d+ inodes free\): free space/,
      );
      expect(readdirSync(disk).toSorted()).toEqual([idOf("box"), "filler"].toSorted());
      docker("rm", "-f", "box");
      expect(readdirSync(disk)).toEqual(["filler"]);
    } finally {
      execFileSync("umount", ["-l", disk]);
    }
  });

  /** What is left of running containers when the host's power fails. */
  function pullThePlug(folders: string[]): void {
    for (const folder of folders) {
      const state = stateOf(folder);
      process.kill(state.shimPid, "SIGKILL");
      process.kill(state.pid, "SIGKILL");
      const before = { ...state, bootId: "the boot before" };
      writeFileSync(join(folder, "bundle/state.json"), JSON.stringify(before));
    }
    const mounts = readFileSync("/proc/self/mounts", "utf8").split("\n");
    for (const line of mounts.reverse()) {
      const target = line.split(" ")[1] ?? "";
      if (target.startsWith(`${engine.folder}/`)) execFileSync("umount", ["-l", target]);
    }
    rmSync(join(engine.folder, "run"), { recursive: true, force: true });
  }
});
