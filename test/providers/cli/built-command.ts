// The command, bundled for a test into a folder of its own, and run as a user would.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

export class BuiltCommand {
  readonly folder = mkdtempSync(join(tmpdir(), "fairlead-command-"));
  readonly project = join(this.folder, "project");

  constructor() {
    mkdirSync(this.project);
    const script =
      'import("./scripts/bundle-client.mjs").then((m) => m.bundleClient(process.argv[1]))';
    execFileSync(process.execPath, ["-e", script, this.folder], { stdio: "inherit" });
    writeFileSync(join(this.folder, "package.json"), '{"type":"module"}');
  }

  write(name: string, text: string): void {
    const path = join(this.project, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  start(args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
    return spawn(process.execPath, [join(this.folder, "fairlead.js"), ...args], {
      cwd: this.project,
      env: { PATH: process.env.PATH, HOME: this.folder, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 120_000,
    });
  }

  async run(...args: string[]): Promise<Outcome> {
    return outcomeOf(this.start(args));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function outcomeOf(child: ChildProcess): Promise<Outcome> {
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (chunk) => {
      text[name] += chunk;
    });
  }
  return new Promise((resolve) => {
    child.once("close", (code) => resolve({ code: code ?? 255, ...text }));
  });
}
