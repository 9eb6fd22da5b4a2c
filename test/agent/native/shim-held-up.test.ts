// A first process that stops every other process of its namespace at its birth: what is begun in
// its container hangs between clone and exec, and its shim must not.
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import type { RuntimeSettings } from "../../../agent/runtime/shim-protocol.ts";
import { decodeAnswer, encodeQuery, TYPE } from "./dns-wire.ts";
import {
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
