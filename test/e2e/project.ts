// A Compose project in a temporary folder, and the built command run on it as a user would.
import { execFile, execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Lab, LabHost } from "../lab/lab.ts";
import { eventually } from "../lab/shell.ts";

const COMMAND = resolve("dist/fairlead.js");

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

export interface Started {
  pid: number;
  done: Promise<Outcome>;
  /** Resolves when the output so far has these words. */
  said(words: RegExp): Promise<void>;
}

export class Project {
  readonly folder: string;
  readonly home: string;

  constructor(lab?: { knownHostsPath: string }) {
    this.folder = mkdtempSync(join(tmpdir(), "fairlead-project-"));
    this.home = join(this.folder, "home");
    mkdirSync(join(this.home, ".ssh"), { recursive: true, mode: 0o700 });
    if (lab) cpSync(lab.knownHostsPath, join(this.home, ".ssh/known_hosts"));
    execFileSync("sh", ["examples/hello/make-rootfs.sh"]);
    cpSync("examples/hello/rootfs", join(this.folder, "rootfs"), {
      recursive: true,
      verbatimSymlinks: true,
    });
  }

  /** Writes compose.yaml. */
  compose(text: string): void {
    this.write("compose.yaml", text);
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), "utf8");
  }

  /** Runs `fairlead ARGS` here; never throws for an exit code. */
  fairlead(...args: string[]): Promise<Outcome> {
    return this.run(COMMAND, ...args);
  }

  /** The same with another build of the command. */
  run(command: string, ...args: string[]): Promise<Outcome> {
    return new Promise((done) => {
      const options = { cwd: this.folder, env: this.environment(), timeout: 240_000 };
      const full = [command, ...args];
      execFile(process.execPath, full, { ...options, maxBuffer: 64 << 20 }, (error, out, err) => {
        const code = error ? (typeof error.code === "number" ? error.code : 255) : 0;
        done({ code, stdout: out, stderr: err });
      });
    });
  }

  /** Runs `fairlead ARGS` and throws with all it printed unless it exits with 0. */
  async succeed(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.fairlead(...args);
    if (code !== 0)
      throw new Error(`fairlead ${args.join(" ")}: exit ${code}\n${stdout}\n${stderr}`);
    return stdout;
  }

  /** Starts `fairlead ARGS` without waiting for it. */
  start(...args: string[]): Started {
    return this.spawn(process.execPath, [COMMAND, ...args]);
  }

  /**
   * The same on a terminal, which script(1) makes; words must need no quotes but single ones. Its
   * input stays open: script would type a NUL at its end, and the terminal might echo it.
   */
  startOnTerminal(...args: string[]): Started {
    const words = [process.execPath, COMMAND, ...args].map((word) => `'${word}'`);
    return this.spawn("script", ["-qec", words.join(" "), "/dev/null"], "pipe");
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private spawn(program: string, args: string[], stdin: "ignore" | "pipe" = "ignore"): Started {
    const child = spawn(program, args, {
      cwd: this.folder,
      env: this.environment(),
      stdio: [stdin, "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout?.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr?.on("data", (chunk) => {
      stderr += chunk;
    });
    const done = new Promise<Outcome>((end) => {
      child.on("close", (code) => end({ code: code ?? 255, stdout, stderr }));
    });
    const said = (words: RegExp) =>
      eventually(`it says ${words}`, 30_000, () => words.test(stdout + stderr));
    return { pid: child.pid ?? 0, done, said };
  }

  private environment(): NodeJS.ProcessEnv {
    const { SSH_AUTH_SOCK: _agent, ...rest } = process.env;
    return { ...rest, HOME: this.home, NO_COLOR: "1", CI: "true" };
  }
}

/** The x-fairlead.hosts entry of a lab host. */
export function hostEntry(lab: Lab, host: LabHost, user = "root"): string {
  const fields = `{ host: ${host.address}, user: ${user}, privateKey: ${lab.privateKeyPath} }`;
  return `${host.name}: ${fields}`;
}
