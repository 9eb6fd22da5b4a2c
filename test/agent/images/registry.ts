// Starts Debian's docker-registry on a free loopback port with a temporary store, for tests.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface TestRegistry {
  /** Such as `127.0.0.1:40123`, the registry part of a reference. */
  host: string;
  /** Such as `http://127.0.0.1:40123`. */
  url: string;
  stop(): Promise<void>;
}

/** Why no registry can be started here; undefined when it can. */
export function registryMissing(): string | undefined {
  return existsSync("/usr/bin/docker-registry")
    ? undefined
    : "the Debian package docker-registry is not installed";
}

/** Starts a registry; stop it when done, or its process and folder stay. */
export async function startRegistry(): Promise<TestRegistry> {
  const folder = await mkdtemp(join(tmpdir(), "fairlead-registry-"));
  const port = await freePort();
  const host = `127.0.0.1:${port}`;
  await writeFile(
    join(folder, "config.yml"),
    [
      "version: 0.1",
      "log: {level: error}",
      `storage: {filesystem: {rootdirectory: ${folder}/data}, delete: {enabled: true}}`,
      `http: {addr: "${host}"}`,
    ].join("\n"),
  );
  const child = spawn("/usr/bin/docker-registry", ["serve", join(folder, "config.yml")], {
    stdio: "ignore",
  });
  const stop = async () => {
    await ended(child);
    await rm(folder, { recursive: true, force: true });
  };
  for (let attempt = 0; attempt < 100; attempt++) {
    const answer = await fetch(`http://${host}/v2/`).catch(() => undefined);
    if (answer?.ok) return { host, url: `http://${host}`, stop };
    await sleep(50);
  }
  await stop();
  throw new Error("docker-registry did not answer within 5 seconds");
}

/** A TCP port of the loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGKILL");
  await gone;
}
