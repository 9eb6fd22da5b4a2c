// How long an agent takes until it serves again after a crash, with many containers: half of them
// run, half have ended.
import { request } from "node:http";
import { run } from "../lab/shell.ts";
import { Agent, makeArchive } from "./agent.ts";

const CONTAINERS = 500;
const IMAGE = "bench/busybox:1";
const AT_ONCE = 8;

/** Prints the times from the start of the process to its first answer, and to being ready. */
export async function bench({ rounds = 3 }: { rounds?: number } = {}): Promise<void> {
  const agent = new Agent();
  try {
    await agent.start();
    await run("docker", "-H", `unix://${agent.socket}`, "import", makeArchive(agent.folder), IMAGE);
    let left = CONTAINERS;
    const lane = async () => {
      while (left-- > 0) await make(agent.socket, left % 2 === 0 ? "sleep 100000" : "true");
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    for (let round = 0; round < rounds; round += 1) {
      await agent.kill();
      const began = performance.now();
      const [first, ready] = await Promise.all([
        answers(agent.socket, "/_ping", began),
        answers(agent.socket, "/version", began),
        agent.start(),
      ]);
      const times = `answers after ${first} ms, ready after ${ready} ms`;
      console.log(`restart with ${CONTAINERS} containers: ${times}`);
    }
  } finally {
    await agent.stop();
  }
}

async function make(socket: string, command: string): Promise<void> {
  const body = { Image: IMAGE, Cmd: command.split(" ") };
  const { Id } = JSON.parse(await ask(socket, "POST", "/containers/create", body));
  await ask(socket, "POST", `/containers/${Id}/start`);
}

async function answers(socket: string, path: string, began: number): Promise<number> {
  for (;;) {
    const answer = await ask(socket, "GET", path).catch(() => undefined);
    if (answer !== undefined) return Math.round(performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function ask(socketPath: string, method: string, path: string, body?: object): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { "Content-Type": "application/json" };
    const sent = request({ socketPath, method, path, headers }, async (response) => {
      const text = Buffer.concat(await response.toArray()).toString();
      if ((response.statusCode ?? 500) < 400) resolve(text);
      else reject(new Error(`${method} ${path}: ${text}`));
    });
    sent.on("error", reject);
    sent.end(body && JSON.stringify(body));
  });
}
