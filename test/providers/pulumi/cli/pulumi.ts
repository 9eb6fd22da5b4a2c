// The real Pulumi command with a file backend of its own, run on programs of the tests.
import { execFile, execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { build } from "esbuild";
import type { Program } from "../engine/program.ts";

const CACHED = join(homedir(), ".cache/fairlead-pulumi/build/bin/pulumi");
const LIMIT_MS = 300_000;

/** The command, on the path or where scripts/pulumi-cli.mjs has put it. */
export function findPulumi(): string | undefined {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    if (existsSync(join(folder, "pulumi"))) return join(folder, "pulumi");
  }
  return existsSync(CACHED) ? CACHED : undefined;
}

export class Pulumi {
  readonly #command: string;
  readonly #folder = mkdtempSync(join(tmpdir(), "fairlead-cli-"));
  readonly #program: Program;

  constructor(command: string, program: Program) {
    this.#command = command;
    this.#program = program;
    for (const name of ["bin", "home", "state"]) mkdirSync(join(this.#folder, name));
  }

  /** Makes the stack, and the language host where there is none beside the command. */
  async prepare(): Promise<void> {
    if (!existsSync(join(this.#command, "../pulumi-language-nodejs"))) {
      const outfile = join(this.#folder, "bin/host.mjs");
      const entryPoints = ["test/providers/pulumi/cli/language-host.ts"];
      await build({ entryPoints, outfile, bundle: true, platform: "node", format: "esm" });
      const starter = join(this.#folder, "bin/pulumi-language-nodejs");
      writeFileSync(starter, `#!/bin/sh\nexec ${process.execPath} ${outfile} "$@"\n`);
      chmodSync(starter, 0o755);
    }
    await this.succeed("stack", "init", "test");
  }

  /** Runs `pulumi ARGS` and throws with all it printed unless it exits with 0. */
  async succeed(...args: string[]): Promise<string> {
    const { code, output } = await this.run(...args);
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")}: exit ${code}\n${output}`);
    return output;
  }

  run(...args: string[]): Promise<{ code: number; output: string }> {
    const env = {
      ...process.env,
      PATH: `${join(this.#folder, "bin")}${delimiter}${process.env.PATH}`,
      PULUMI_HOME: join(this.#folder, "home"),
      PULUMI_BACKEND_URL: `file://${join(this.#folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "x",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_SKIP_CONFIRMATIONS: "true",
      PULUMI_NODEJS_TYPESCRIPT: "false",
    };
    const options = { cwd: this.#program.folder, env, timeout: LIMIT_MS, maxBuffer: 64 << 20 };
    const full = ["--non-interactive", "--color", "never", ...args];
    return new Promise((done) => {
      execFile(this.#command, full, options, (error, stdout, stderr) => {
        const code = error ? (typeof error.code === "number" ? error.code : 255) : 0;
        done({ code, output: stdout + stderr });
      });
    });
  }

  /** The state file as it is on the disk. */
  state(): string {
    const path = join(this.#folder, "state/.pulumi/stacks");
    return execFileSync("sh", ["-c", 'cat "$1"/*/test.json', "sh", path], { encoding: "utf8" });
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
