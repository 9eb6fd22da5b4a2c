import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, test } from "vitest";
import { alive, BINARY, eventually, makeShimLab, watchEvents, whyNot } from "./shim-lab.ts";

const reason = whyNot();
describe.skipIf(reason)(`the life under a shim${reason ? ` (skipped: ${reason})` : ""}`, () => {
  const lab = makeShimLab();
  afterAll(() => lab.clean());

  test("created, running, exited: each state is on disk and the shim ends with it", async () => {
    const box = lab.specimen({ run: "sleep 0.2; exit 5" });
    const { pid, shimPid } = await box.launch();
    expect(box.saved()).toMatchObject({ status: "created", pid, shimPid, startedAt: "" });
    await box.client.start();
    expect(await box.client.state()).toMatchObject({ status: "running", pid, finishedAt: "" });
    const state = await box.ended();
    expect(state).toMatchObject({ exitCode: 5, signal: 0, pid: 0, restartCount: 0 });
    expect(Date.parse(state.finishedAt)).toBeGreaterThan(Date.parse(state.startedAt));
    await eventually("the shim's end", () => !alive(shimPid));
    expect(existsSync(box.client.socket)).toBe(false);
    await expect(box.client.state()).rejects.toMatchObject({ code: "unavailable" });
  });

  test("a program that does not exist is refused and leaves nothing", async () => {
    const box = lab.specimen({ run: ["/bin/nothing"] });
    await expect(box.launch()).rejects.toMatchObject({ errno: 2, code: "not_found" });
    expect(existsSync(box.client.socket)).toBe(false);
  });

  test("a file that is no program fails the start with 126", async () => {
    const box = lab.specimen({ run: ["/bin/text"] });
    await box.launch();
    await expect(box.client.start()).rejects.toMatchObject({ errno: 8 });
    expect(await box.ended()).toMatchObject({ exitCode: 126, startedAt: "" });
  });

  test("death by SIGKILL from outside is recorded with its signal", async () => {
    const box = lab.specimen({ run: "sleep 600" });
    const { pid } = await box.begin();
    process.kill(pid, "SIGKILL");
    expect(await box.ended()).toMatchObject({ exitCode: 137, signal: 9, oomKilled: false });
  });

  test("stop gives its grace, then kills; a second client may be more in a hurry", async () => {
    const polite = lab.specimen({ run: "trap 'exit 9' TERM; while :; do sleep 0.05; done" });
    await polite.begin();
    await sleep(200);
    await polite.client.stop(15, 10_000);
    expect(await polite.ended()).toMatchObject({ exitCode: 9, stopRequested: true });
    const deaf = lab.specimen({ run: ["/bin/sleep", "600"] });
    await deaf.begin();
    const begun = Date.now();
    const patient = deaf.client.stop(15, -1);
    await deaf.client.stop(15, 300);
    await patient;
    expect(Date.now() - begun).toBeGreaterThan(290);
    expect(await deaf.ended()).toMatchObject({ exitCode: 137, stopRequested: true });
  });

  test("a created container that is stopped never runs", async () => {
    const box = lab.specimen({ run: "echo ran" });
    await box.launch();
    await box.client.stop(15, 1000);
    expect(await box.ended()).toMatchObject({ startedAt: "" });
    expect(box.log()).toEqual([]);
  });

  test("pause stands still, resume goes on, and stop works from a pause", async () => {
    const box = lab.specimen({ run: "trap 'exit 4' TERM; while :; do echo x; sleep 0.05; done" });
    await box.begin();
    await eventually("output", () => box.log().length > 2);
    await box.client.pause();
    await sleep(100);
    const before = box.log().length;
    await sleep(300);
    expect(box.log().length).toBe(before);
    expect(await box.client.state()).toMatchObject({ status: "paused" });
    await expect(box.client.pause()).rejects.toMatchObject({ code: "conflict" });
    await box.client.resume();
    await eventually("more output", () => box.log().length > before);
    await box.client.pause();
    await box.client.stop(15, 5000);
    expect(await box.ended()).toMatchObject({ exitCode: 4 });
  });

  test("restart policies: always backs off, on-failure counts, success is left alone", async () => {
    const always = lab.specimen({
      run: "exit 1",
      settings: { restart: { policy: "always", maxRetries: 0 } },
    });
    await always.launch();
    const { events, done } = watchEvents(always.client);
    await always.client.start();
    await eventually("three restarts", () => always.saved().restartCount >= 3);
    await always.client.stop(15, 1000);
    await done;
    const starts = events.filter(({ event }) => event === "started").map(({ state }) => state);
    const gaps = starts
      .slice(1)
      .map((state, i) => Date.parse(state.startedAt) - Date.parse(starts[i]!.startedAt));
    expect(gaps[0]).toBeGreaterThanOrEqual(99);
    expect(gaps[1]).toBeGreaterThanOrEqual(199);
    expect(gaps[2]).toBeGreaterThanOrEqual(399);
    expect(events.map(({ event }) => event)).toContain("restarting");
    expect(await always.ended()).toMatchObject({ stopRequested: true });
    const failing = lab.specimen({
      run: "exit 3",
      settings: { restart: { policy: "on-failure", maxRetries: 2 } },
    });
    await failing.begin();
    expect(await failing.ended()).toMatchObject({ exitCode: 3, restartCount: 2 });
    const content = lab.specimen({
      run: "exit 0",
      settings: { restart: { policy: "on-failure", maxRetries: 5 } },
    });
    await content.begin();
    expect(await content.ended()).toMatchObject({ exitCode: 0, restartCount: 0 });
  });

  test("a shim goes on with the counting of the shims before it", async () => {
    const box = lab.specimen({
      run: "exit 3",
      settings: {
        restart: { policy: "on-failure", maxRetries: 5 },
        restarts: { count: 4, delayMs: 200 },
      },
    });
    await box.launch();
    expect(box.saved()).toMatchObject({ restartCount: 4, restartDelayMs: 200 });
    await box.client.start();
    expect(await box.ended()).toMatchObject({ restartCount: 5, restartDelayMs: 400 });
  });

  test("a restart takes the configuration that is on disk then", async () => {
    const box = lab.specimen({
      run: "echo old; exit 1",
      settings: { restart: { policy: "on-failure", maxRetries: 1 } },
    });
    await box.launch();
    const path = `${box.bundle}/config.json`;
    writeFileSync(path, readFileSync(path, "utf8").replace("echo old; exit 1", "echo new"));
    await box.client.start();
    expect(await box.ended()).toMatchObject({ exitCode: 0, restartCount: 1 });
    expect(box.log().map(({ log }) => log)).toEqual(["old\n", "new\n"]);
  });

  test("an update of the policy counts at the next exit; kill -9 by a user is final", async () => {
    const box = lab.specimen({ run: "sleep 0.4" });
    await box.begin();
    await box.client.update({ restart: { policy: "always", maxRetries: 0 } });
    await eventually("a restart", () => box.saved().restartCount > 0);
    await eventually("running again", () => box.saved().status === "running");
    await box.client.kill(9);
    expect(await box.ended()).toMatchObject({ exitCode: 137, stopRequested: true });
  });

  test("out of memory is told while it happens and recorded", async () => {
    const box = lab.specimen({
      run: "sleep 0.2; tail /dev/zero",
      resources: { memory: { limit: 16 << 20 } },
    });
    await box.launch();
    const { events, done } = watchEvents(box.client);
    await box.client.start();
    await done;
    expect(box.saved()).toMatchObject({ status: "exited", oomKilled: true });
    expect(events.map(({ event }) => event)).toContain("oom");
  });

  test("limits change while it runs", async () => {
    const box = lab.specimen({ run: "sleep 600", resources: { pids: { limit: 50 } } });
    await box.begin();
    await box.client.update({ resources: { pids: { limit: 77 } } });
    const argv = ["/sys/fs/cgroup", "-path", `*${box.id.slice(0, 12)}/pids.max`];
    const [file] = spawnSync("find", argv, { encoding: "utf8" }).stdout.split("\n");
    expect(readFileSync(file!, "utf8")).toBe("77\n");
  });

  test("the shim and its container survive the death of their launcher", async () => {
    const box = lab.specimen({ run: "while :; do echo tick; sleep 0.05; done" });
    const argv = ["shim", "--bundle", box.bundle, "--socket", box.client.socket];
    const launcher = spawn("sh", ["-c", '"$@" & exec sleep 600', "sh", BINARY, ...argv], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    await once(launcher.stdout, "data");
    await box.client.start();
    launcher.kill("SIGKILL");
    await once(launcher, "exit");
    const before = box.log().length;
    await eventually("more lines", () => box.log().length > before + 3);
    expect(await box.client.state()).toMatchObject({ status: "running" });
  });

  test("SIGTERM to the shim stops the container and forgets no policy", async () => {
    const box = lab.specimen({
      run: "trap 'exit 0' TERM; while :; do sleep 0.05; done",
      settings: { restart: { policy: "always", maxRetries: 0 } },
    });
    const { shimPid } = await box.begin();
    await sleep(200);
    process.kill(shimPid, "SIGTERM");
    expect(await box.ended()).toMatchObject({ exitCode: 0, stopRequested: false });
  });

  test("init reaps orphans and passes signals and the exit code on", async () => {
    const script = "(sleep 0.1 &) ; trap 'exit 6' TERM; while :; do sleep 0.05; done";
    const box = lab.specimen({
      run: ["/dev/init", "init", "--", "/bin/sh", "-c", script],
      mounts: [{ destination: "/dev/init", type: "bind", source: BINARY, options: ["bind", "ro"] }],
    });
    const { pid } = await box.begin();
    await sleep(400);
    const zombies = execFileSync("ps", ["-o", "stat=", "--ppid", String(pid)]).toString();
    expect(zombies).not.toContain("Z");
    await box.client.stop(15, 5000);
    expect(await box.ended()).toMatchObject({ exitCode: 6 });
  });

  test("restarts leave no descriptor behind", async () => {
    const box = lab.specimen({
      run: "exit 1",
      settings: { restart: { policy: "on-failure", maxRetries: 4 } },
    });
    const { shimPid } = await box.launch();
    const counts: number[] = [];
    const watching = box.client.watch(({ event }) => {
      if (event === "restarting") counts.push(readdirSync(`/proc/${shimPid}/fd`).length);
    });
    await box.client.start();
    await watching;
    expect(counts).toHaveLength(4);
    // The later pauses are long enough to count in; a count may come late on a busy machine.
    expect(counts[3]).toBe(counts[2]);
  });

  test("twenty lives one after the other leave no control group, socket or process", async () => {
    for (let i = 0; i < 20; i++) {
      const box = lab.specimen({ run: "exit 0" });
      const { shimPid } = await box.begin();
      await box.ended();
      await eventually("the shim's end", () => !alive(shimPid));
      expect(existsSync(box.client.socket)).toBe(false);
      // find complains about groups of other suites that go while it looks.
      const argv = ["/sys/fs/cgroup", "-name", `${box.id.slice(0, 12)}*`];
      expect(spawnSync("find", argv, { encoding: "utf8" }).stdout).toBe("");
    }
  });

  test("fifty execs and attachments leave no descriptor behind", async () => {
    const box = lab.specimen({ run: "sleep 600" });
    const { shimPid } = await box.begin();
    const count = () => readdirSync(`/proc/${shimPid}/fd`).length;
    await box.client.state();
    const before = await eventually("a quiet shim", () => count());
    for (let i = 0; i < 50; i++) {
      const streams = { stdin: true, stdout: true, stderr: true };
      const process = { args: ["/bin/true"], cwd: "/", user: { uid: 0, gid: 0 }, env: [] };
      const id = i.toString(16).padStart(64, "0");
      const { stream } = await box.client.exec({
        id,
        process,
        tty: i % 2 === 0,
        attach: true,
        ...streams,
      });
      stream!.resume();
      await once(stream!, "end");
      (await box.client.attach(streams)).destroy();
    }
    await eventually("the same descriptors", () => count() <= before);
  });
});
