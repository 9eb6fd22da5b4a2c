// A Pulumi program in a folder of its own, started as the Node.js language host starts one.
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const LIMIT_MS = 500_000;

export class Program {
  readonly folder: string;
  /** Configuration, as `lab:key` and value. */
  config: Record<string, string> = {};

  /** JavaScript that follows the imports of both packages; `installed` puts them there. */
  constructor({ installed = true } = {}) {
    this.folder = mkdtempSync(join(tmpdir(), "fairlead-pulumi-"));
    writeFileSync(join(this.folder, "package.json"), '{ "name": "lab", "main": "index.js" }\n');
    writeFileSync(join(this.folder, "Pulumi.yaml"), "name: lab\nruntime: nodejs\n");
    if (!installed) return;
    mkdirSync(join(this.folder, "node_modules/@pulumi"), { recursive: true });
    const pulumi = resolve("node_modules/@pulumi/pulumi");
    symlinkSync(pulumi, join(this.folder, "node_modules/@pulumi/pulumi"));
    symlinkSync(resolve("."), join(this.folder, "node_modules/fairlead"));
  }

  /** Replaces the program; gives itself. */
  says(text: string): this {
    const head =
      'const pulumi = require("@pulumi/pulumi");\nconst fairlead = require("fairlead/pulumi");\n';
    writeFileSync(join(this.folder, "index.js"), head + text);
    return this;
  }

  /** Replaces the program by a whole one. */
  is(text: string): this {
    writeFileSync(join(this.folder, "index.js"), text);
    return this;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Runs it against a monitor; gives the exit code and everything it printed. */
export function runProgram(
  { folder, config }: Program,
  address: string,
  preview: boolean,
): Promise<{ code: number; output: string }> {
  const run = join(folder, "node_modules/@pulumi/pulumi/cmd/run");
  const flags = { monitor: address, engine: address, organization: "o", project: "lab" };
  const more = { stack: "test", pwd: folder, "root-directory": folder, parallel: "16" };
  const args = Object.entries({ ...flags, ...more }).flatMap(([key, value]) => [`--${key}`, value]);
  const env = {
    ...process.env,
    PULUMI_CONFIG: JSON.stringify(config),
    PULUMI_NODEJS_TYPESCRIPT: "false",
    PULUMI_HOME: join(folder, "home"),
  };
  const full = [run, ...args, ...(preview ? ["--dry-run"] : []), "."];
  return new Promise((done) => {
    const options = { cwd: folder, env, timeout: LIMIT_MS, maxBuffer: 16 << 20 };
    execFile(process.execPath, full, options, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === "number" ? error.code : 255) : 0;
      done({ code, output: stdout + stderr });
    });
  });
}
