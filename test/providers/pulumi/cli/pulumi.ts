// The real Pulumi command with folders of its own: plugins, file backend, and language hosts where
// none are beside the command.
import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { build } from "esbuild";

const CACHE = join(homedir(), ".cache/fairlead-pulumi");
const CACHED = [join(CACHE, "build/bin/pulumi"), join(CACHE, "npm/bin/pulumi")];
const LIMIT_MS = 600_000;
const LANGUAGES = ["nodejs", "python"] as const;

/** The command, on the path or where scripts/pulumi-cli.mjs has put it. */
export function findPulumi(): string | undefined {
  const onPath = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, "pulumi"));
  return [...onPath, ...CACHED].find((path) => existsSync(path));
}

/** Why nothing can be tried with the real command; undefined when it can. */
export function whyNoPulumi(): string | undefined {
  if (!process.env.FAIRLEAD_TEST_PULUMI) return "npm run test:pulumi runs it";
  return findPulumi() ? undefined : "there is no pulumi (scripts/pulumi-cli.mjs builds it)";
}

/** Pulumi's generators, which language hosts of releases have in them. */
export const codegen = join(CACHE, "build/bin/codegen");

export class PulumiHome {
  readonly folder = mkdtempSync(join(tmpdir(), "fairlead-cli-"));
  readonly command = findPulumi() ?? "pulumi";
  readonly env: Record<string, string>;

  constructor() {
    for (const name of ["bin", "home", "state"]) mkdirSync(join(this.folder, name));
    const bins = [join(this.folder, "bin"), dirname(this.command), process.env.PATH];
    this.env = {
      PATH: bins.join(delimiter),
      PULUMI_HOME: join(this.folder, "home"),
      PULUMI_BACKEND_URL: `file://${join(this.folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "x",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_SKIP_CONFIRMATIONS: "true",
      PULUMI_NODEJS_TYPESCRIPT: "false",
    };
  }

  /** Puts language hosts of the tests where the command has none. */
  async prepare(): Promise<void> {
    const outfile = join(this.folder, "bin/host.mjs");
    const entryPoints = ["test/providers/pulumi/cli/language-host.ts"];
    await build({ entryPoints, outfile, bundle: true, platform: "node", format: "esm" });
    for (const language of LANGUAGES) {
      const name = `pulumi-language-${language}`;
      if (existsSync(join(dirname(this.command), name))) continue;
      const starter = join(this.folder, "bin", name);
      writeFileSync(starter, `#!/bin/sh\nexec ${process.execPath} ${outfile} ${language} "$@"\n`);
      chmodSync(starter, 0o755);
    }
  }

  /** For the Automation API. */
  automation(): Promise<PulumiCommand> {
    const { PATH } = process.env;
    process.env.PATH = this.env.PATH;
    return PulumiCommand.get({ skipVersionCheck: true }).finally(() => {
      process.env.PATH = PATH;
    });
  }

  /** Runs `pulumi ARGS` and throws with all it printed unless it exits with 0. */
  async succeed(cwd: string, ...args: string[]): Promise<string> {
    const { code, output } = await this.run(cwd, ...args);
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")}: exit ${code}\n${output}`);
    return output;
  }

  run(cwd: string, ...args: string[]): Promise<{ code: number; output: string }> {
    const env = { ...process.env, ...this.env };
    const options = { cwd, env, timeout: LIMIT_MS, maxBuffer: 64 << 20 };
    const full = ["--non-interactive", "--color", "never", ...args];
    return new Promise((done) => {
      execFile(this.command, full, options, (error, stdout, stderr) => {
        const code = error ? (typeof error.code === "number" ? error.code : 255) : 0;
        done({ code, output: stdout + stderr });
      });
    });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
