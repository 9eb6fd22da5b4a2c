// The scenarios as tests of one engine: our agent and dockerd must both print what is expected.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  busyboxEntries,
  dockerArchive,
  type Entry,
  makeImage,
} from "../agent/images/make-image.ts";
import { type Case, play } from "./case.ts";
import type { Engine } from "./engines.ts";
import { groups } from "./groups.ts";

const MORE_COMMANDS = "pwd tty stty cut sort tr unshare mknod readlink basename uname nproc xargs"
  .split(" ")
  .map((command): Entry => {
    return { name: `bin/${command}`, type: "symlink", linkname: "busybox", mode: 0o777 };
  });

export interface Subject {
  name: "fairlead" | "dockerd";
  /** Of our agent's containers; the native one by default. */
  runtime?: string;
  /** Why the engine cannot run here. */
  missing: string | undefined;
  start(): Promise<Engine>;
  /** Instead of all the scenarios. */
  cases?: Record<string, Case[]>;
}

/** Declares the tests of every case against one engine. */
export function conform(subject: Subject): void {
  const { name, runtime = "native", missing, start, cases: chosen = groups } = subject;
  if (missing !== undefined) {
    test.skip(`the conformance suite (skipped: ${missing})`, () => undefined);
    return;
  }
  let engine: Engine;
  beforeAll(async () => {
    engine = await start();
    await loadImages(engine);
  });
  afterAll(async () => {
    await engine?.stop();
  });

  let count = 0;
  for (const [group, cases] of Object.entries(chosen)) {
    describe(group, () => {
      for (const { title, script, expected, onlyOurs, notWith } of cases) {
        const ownWay = notWith?.runtimes.includes(runtime) ? notWith.why : undefined;
        const why = name === "dockerd" ? onlyOurs : ownWay;
        test.skipIf(why)(why ? `${title} (skipped: ${why})` : title, async () => {
          count += 1;
          const printed = await play(engine, script, `x${count}y`);
          expect(printed).toBe(expected);
        });
      }
    });
  }
}

/** `busybox` with a shell, and `app` with the settings that images can have. */
export async function loadImages(engine: Engine): Promise<void> {
  const path = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"];
  const layers = [[...busyboxEntries(), ...MORE_COMMANDS]];
  const busybox = await makeImage({
    layers,
    name: "busybox:latest",
    config: { Cmd: ["sh"], Env: path },
  });
  const app = await makeImage({
    layers,
    name: "app:1",
    config: {
      Entrypoint: ["/bin/sh", "-c"],
      Cmd: ["echo from the image; id -u; pwd; echo $COLOR"],
      Env: [...path, "COLOR=blue"],
      User: "1000:1000",
      WorkingDir: "/srv/app",
      ExposedPorts: { "80/tcp": {} },
      Labels: { team: "x" },
      StopSignal: "SIGINT",
      Volumes: { "/data": {} },
    },
  });
  const archive = join(engine.folder, "images.tar");
  writeFileSync(archive, await dockerArchive([busybox, app]));
  const env = { ...process.env, DOCKER_HOST: `unix://${engine.socket}` };
  execFileSync("docker", ["load", "-i", archive], { env, stdio: "ignore" });
}
