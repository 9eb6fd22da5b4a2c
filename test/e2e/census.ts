// Counts what an agent and its containers have in the kernel and on the disk, so that a test can
// say that nothing is left of what is gone.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import type { Engine } from "../conformance/engines.ts";

export interface Census {
  /** Of the agent itself; sockets of clients may come and go. */
  descriptors: number;
  mounts: number;
  groups: number;
  namespaces: number;
  interfaces: number;
  /**
   * Shims, and what the agent has started. What runs in containers comes and goes; when it stays
   * too long its group stays too.
   */
  processes: number;
  /** What it has on the disk for containers, by name: what is too much says whose it is. */
  entries: string[];
}

/** The engine's answer; throws with the body of an error. */
export function call(engine: Engine, method: string, path: string, body?: object): Promise<never> {
  return new Promise((done, failed) => {
    const text = body === undefined ? "" : JSON.stringify(body);
    const headers = { "content-type": "application/json", "content-length": text.length };
    request({ socketPath: engine.socket, method, path, headers, agent: false }, (response) => {
      let said = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        said += chunk;
      });
      response.on("error", failed).on("end", () => {
        const status = response.statusCode ?? 500;
        if (status >= 400) failed(new Error(`${method} ${path}: ${status} ${said}`));
        else done((said === "" ? undefined : JSON.parse(said)) as never);
      });
    })
      .on("error", failed)
      .end(text);
  });
}

export function census(engine: Engine): Census {
  const { folder } = engine;
  const pid = engine.pid();
  const mounts = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
  const links = execFileSync("nsenter", [`--net=/proc/${pid}/ns/net`, "ip", "-o", "link"]);
  return {
    descriptors: lasting(pid),
    mounts: mounts.filter((line) => line.includes(` ${folder}/`)).length,
    groups: groupsOf(engine.instance),
    namespaces: entries(join(folder, "run/netns")).length,
    interfaces: links.toString().trim().split("\n").length,
    processes: processesOf(folder, pid),
    entries: ["run/shims", "run/sandboxes", "root/containers", "root/storage/overlay"].flatMap(
      (name) => entries(join(folder, name)).map((entry) => join(name, entry)),
    ),
  };
}

/** Descriptors that are no connections: those end a moment after their requests. */
function lasting(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).filter((fd) => {
    try {
      return !readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith("socket:");
    } catch {
      return false;
    }
  }).length;
}

function groupsOf(instance: string): number {
  const argv = ["/sys/fs/cgroup", "-type", "d", "-path", `*/${instance}/*`];
  try {
    return execFileSync("find", argv, { stdio: ["ignore", "pipe", "ignore"] })
      .toString()
      .split("\n")
      .filter(Boolean).length;
  } catch (error) {
    // find complains about groups of others that go while it looks.
    return (error as { stdout: Buffer }).stdout.toString().split("\n").filter(Boolean).length;
  }
}

function entries(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

/** Zombies count too: somebody has not taken note of their end. */
function processesOf(folder: string, agent: number): number {
  return readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name) || Number(name) === agent) return false;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 4).split(" ")[0]);
      const command = readFileSync(`/proc/${name}/cmdline`, "utf8");
      return parent === agent || command.includes(`${folder}/`);
    } catch {
      return false; // it ended meanwhile
    }
  }).length;
}
