// One scenario of the suite: a shell script with the docker command, and what it must print.
import { spawn } from "node:child_process";
import { type Engine, netnsOf } from "./engines.ts";

export interface Case {
  title: string;
  /**
   * Run by bash; `$n` is a prefix that no other case uses, `$dir` an empty folder, `$netns` the
   * namespace that is the engine's host.
   */
  script: string;
  /** Standard output, with ids, times and addresses replaced; see `normalise`. */
  expected: string;
  /** Why dockerd 20.10 answers differently, when it does: then only ours is asked. */
  onlyOurs?: string;
  /** Execution drivers that go their own way there, and why. */
  notWith?: { runtimes: string[]; why: string };
}

const TIMEOUT_MS = 60_000;

/** Runs a script against an engine; gives what it printed, and what went wrong. */
export function play(engine: Engine, script: string, prefix: string): Promise<string> {
  const env = {
    ...process.env,
    DOCKER_HOST: `unix://${engine.socket}`,
    DOCKER_CLI_HINTS: "false",
    n: prefix,
    netns: netnsOf(engine),
  };
  const prelude = "set -u; dir=$(mktemp -d); trap 'rm -rf $dir' EXIT\n";
  return new Promise((resolve, reject) => {
    const child = spawn("bash", ["-c", prelude + script], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: TIMEOUT_MS,
    });
    let out = "";
    let complaints = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaints += text;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      // A complaint that no case expects is a fault of the case, if not of the engine.
      const failed = code === 0 && complaints === "" ? "" : `exit ${code}\n${complaints}`;
      resolve(normalise(out, prefix) + failed);
    });
  });
}

/** What may differ from run to run. */
function normalise(text: string, prefix: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replaceAll(prefix, "N")
    .replace(/\b[0-9a-f]{64}\b/g, "<id>")
    .replace(/\b[0-9a-f]{12}\b/g, "<short>")
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "<time>");
}
