// A first process that stops every other process of its namespace at its birth: what is begun in
// its container hangs between clone and exec, and its shim must not.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import type { RuntimeSettings } from "../../../agent/runtime/shim-protocol.ts";
import { decodeAnswer, encodeQuery, TYPE } from "./dns-wire.ts";
import {
  alive,
  BINARY,
  eventually,
  makeShimLab,
  processObject,
  type Specimen,
  watchEvents,
  whyNot,
} from "./shim-lab.ts";

/** kill(2) with -1 means every process but the caller and process 1, which is the caller here. */
const ATTACK = `trap 'exit 3' USR1; trap 'echo bye; exit 0' TERM; echo begun; n=0
while :; do kill -STOP -1 2>/dev/null; n=$((n+1)); [ $((n % 20000)) = 0 ] && echo tick; done`;

const DRIVERS: [string, Omit<RuntimeSettings, "root"> | undefined][] = [
  ["the library", undefined],
  [
    "its own command line",
    { kind: "oci", name: "own", path: BINARY, options: [], ownCgroup: false },
  ],
  ["runc", { kind: "oci", name: "runc", path: "/usr/sbin/runc", options: [], ownCgroup: false }],
  ["lxc", { kind: "lxc", name: "lxc", path: "/usr/bin", options: [], ownCgroup: false }],
];

const ASKER = `const s = require("dgram").createSocket("udp4");
s.on("message", (m) => { console.log(m.toString("hex")); s.close(); });
setInterval(() => s.send(Buffer.from(process.argv[1], "hex"), 53, "127.0.0.11"), 500).unref();
setTimeout(() => s.close(), 15000).unref();
s.send(Buffer.from(process.argv[1], "hex"), 53, "127.0.0.11");`;

async function addressOf(pid: number, name: string): Promise<string> {
  const question = encodeQuery(name, TYPE.A, 1232).toString("hex");
  const argv = [`--net=/proc/${pid}/ns/net`, process.execPath, "-e", ASKER, question];
  const { stdout } = await promisify(execFile)("nsenter", argv);
  return decodeAnswer(Buffer.from(stdout.trim(), "hex"))
    .records.map(({ data }) => [...data].join("."))
    .join();
}

/** Begins execs until three hang: one may slip through while the first process is off its turn. */
async function hangThree(box: Specimen): Promise<{ settled: () => number; all: Promise<unknown> }> {
  const streams = { stdin: false, stdout: true, stderr: true };
  const hanging: Promise<unknown>[] = [];
  let settled = 0;
  for (let tries = 0; hanging.length < 3; tries++) {
    if (tries > 100) throw new Error("every exec slips through");
    const id = randomBytes(32).toString("hex");
    const asked = { id, process: processObject("exit 0"), tty: false, attach: false, ...streams };
    const exec = box.client.exec(asked).catch(() => {});
    const ran = await Promise.race([exec.then(() => true), sleep(200)]);
    if (ran) continue;
    hanging.push(exec.then(() => settled++));
  }
  return { settled: () => settled, all: Promise.all(hanging) };
}

const reason = whyNot();
describe.skipIf(reason).each(DRIVERS)(
  `a container by %s whose first process stops all others`,
  (name, driver) => {
    const absent =
      driver && !existsSync(driver.kind === "oci" ? driver.path : "/usr/bin/lxc-start");
    const lab = makeShimLab();
    afterAll(() => lab.clean());

    const begin = async (policy: "no" | "always") => {
      const table = `${lab.folder}/names`;
      writeFileSync(table, "10.9.0.9 fresh\n");
      const box = lab.specimen({
        run: ATTACK,
        settings: {
          restart: { policy, maxRetries: 0 },
          resolver: { tables: [table], upstreams: [], search: [] },
          healthcheck: {
            ...{ argv: ["/bin/true"], intervalMs: 100, timeoutMs: 600_000, retries: 1 },
            ...{ startPeriodMs: 0, startIntervalMs: 100 },
          },
        },
      });
      if (driver)
        box.rewrite({ runtime: { ...driver, root: join(lab.folder, `rt-${box.id.slice(0, 6)}`) } });
      await box.begin();
      await eventually("the first line", () => box.log().length > 0);
      return box;
    };

    test.skipIf(absent)(
      `answers, logs, resolves and stops while three execs hang (${name})`,
      async () => {
        const box = await begin("no");
        const { events, done } = watchEvents(box.client);
        const execs = await hangThree(box);
        const state = await box.client.state();
        expect(state.status).toBe("running");
        const lines = box.log().length;
        await eventually("more of the log", () => box.log().length > lines);
        expect(await addressOf(state.pid, "fresh")).toBe("10.9.0.9");
        await box.client.pause();
        await box.client.resume();
        await box.client.kill(28); // SIGWINCH
        expect(execs.settled()).toBe(0);
        await box.client.stop(15, 600_000);
        await done;
        await execs.all;
        expect(await box.ended()).toMatchObject({ status: "exited", exitCode: 0 });
        const told = events.filter(({ event }) => !/health|probe|exec/.test(event));
        expect(told.map(({ event }) => event)).toEqual(["paused", "resumed", "exited"]);
        expect(box.log().at(-1)!.log).toBe("bye\n");
      },
    );

    test.skipIf(absent)(`restarts by its policy, and dies by SIGKILL (${name})`, async () => {
      const box = await begin("always");
      const first = await hangThree(box);
      expect(first.settled()).toBe(0);
      await box.client.kill(10); // SIGUSR1
      await eventually("the next run", async () => {
        const { status, restartCount } = await box.client.state();
        return status === "running" && restartCount === 1;
      });
      await first.all;
      await eventually(
        "its first line",
        () => box.log().filter((l) => l.log === "begun\n").length > 1,
      );
      const second = await hangThree(box);
      expect(second.settled()).toBe(0);
      await box.client.kill(9);
      await second.all;
      expect(await box.ended()).toMatchObject({ exitCode: 137, restartCount: 1 });
    });
  },
);

interface Config {
  linux: { seccomp?: object };
  hooks?: object;
}

const BUSY_LISTENER = `import socket, sys, time
server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
server.bind(sys.argv[1])
server.listen(0)
print("listening", flush=True)
time.sleep(600)`;

describe.skipIf(reason)("a container whose configuration holds its shim up", () => {
  const lab = makeShimLab();
  const children: ChildProcess[] = [];
  afterAll(async () => {
    for (const child of children) child.kill();
    await lab.clean();
  });
  const edit = (box: Specimen, change: (config: Config) => void) => {
    const path = join(box.bundle, "config.json");
    const config = JSON.parse(readFileSync(path, "utf8"));
    change(config);
    writeFileSync(path, JSON.stringify(config));
  };

  test("by a seccomp listener that accepts nobody can be asked and killed", async () => {
    const socket = join(lab.folder, "listener");
    const child = spawn("python3", ["-c", BUSY_LISTENER, socket], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    await once(child.stdout!, "data");
    const box = lab.specimen({ run: "echo begun; exec sleep 600" });
    edit(box, ({ linux }) => {
      const syscalls = [{ names: ["acct"], action: "SCMP_ACT_NOTIFY" }];
      linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", listenerPath: socket, syscalls };
    });
    await box.begin(); // takes the listener's only place
    const id = randomBytes(32).toString("hex");
    const streams = { stdin: false, stdout: true, stderr: true };
    const asked = { id, process: processObject("exit 0"), tty: false, attach: false, ...streams };
    let over = false;
    const exec = box.client.exec(asked).catch((error) => error.message);
    exec.then(() => (over = true));
    await sleep(200);
    expect((await box.client.state()).status).toBe("running");
    await box.client.kill(28); // SIGWINCH
    expect(over).toBe(false);
    await box.client.kill(9);
    expect(await exec).toMatch(/seccomp listener/);
    expect(await box.ended()).toMatchObject({ exitCode: 137 });
  });

  test.each(["createRuntime", "poststart", "poststop"])(
    "by a %s hook that does not end can be asked and stopped",
    async (name) => {
      const box = lab.specimen({
        run: "exit 3",
        settings: { restart: { policy: "always", maxRetries: 0 } },
      });
      const flag = join(box.bundle, "called");
      const hung = join(box.bundle, "hung");
      const script = `[ -e ${flag} ] || exec touch ${flag}; echo $$ >${hung}; exec sleep 600`;
      edit(box, (config) => {
        config.hooks = { [name]: [{ path: "/bin/sh", args: ["sh", "-c", script] }] };
      });
      await box.begin();
      const pid = await eventually("the second call of the hook", () => {
        return existsSync(hung) && Number(readFileSync(hung, "utf8"));
      });
      expect((await box.client.state()).restartCount).toBeLessThan(3);
      const stopped = box.client.stop(15, 0);
      // What is being removed is removed in its own time.
      if (name === "poststop") process.kill(pid, "SIGKILL");
      await stopped;
      expect(await box.ended()).toMatchObject({ stopRequested: true });
      await eventually("the hook's end", () => !alive(pid));
    },
  );

  test("by killing all others at once has execs that end with 137", async () => {
    const box = lab.specimen({ run: ATTACK.replace("-STOP", "-KILL") });
    await box.begin();
    const codes: number[] = [];
    const { events } = watchEvents(box.client);
    const streams = { stdin: false, stdout: false, stderr: false };
    for (let turn = 0; turn < 20; turn++) {
      const id = randomBytes(32).toString("hex");
      const asked = { id, process: processObject("exit 0"), tty: false, attach: false };
      await box.client.exec({ ...asked, ...streams });
      const told = await eventually("its end", () =>
        events.find((e) => e.exec === id && e.event === "exec_exited"),
      );
      codes.push(told.exitCode ?? -1);
    }
    expect(codes.filter((code) => code !== 0 && code !== 137)).toEqual([]);
    expect(codes).toContain(137);
    await box.client.kill(9);
  });
});
