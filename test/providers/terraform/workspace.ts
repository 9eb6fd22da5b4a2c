// A folder with a Terraform configuration and the real terraform in it: through a mirror as users
// have it, or reattached to a provider that is running already.
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

export const ADDRESS = "registry.fairlead.invalid/fairlead/fairlead";
/** The program to drive: terraform, or OpenTofu's tofu (npm run test:opentofu). */
export const TERRAFORM = process.env.FAIRLEAD_TERRAFORM ?? "terraform";
const BUILT = resolve("dist/terraform-provider");

/** Why terraform cannot be driven here; undefined when it can. */
export function whyNoTerraform(): string | undefined {
  try {
    execFileSync(TERRAFORM, ["version"], { stdio: "ignore" });
  } catch {
    return `${TERRAFORM} is not on the PATH`;
  }
  return existsSync(join(BUILT, "provider.cjs")) ? undefined : "the provider is not built";
}

export interface Outcome {
  code: number;
  /** Both streams, without colours. */
  text: string;
}

/** A provider process that serves many terraform runs. */
export class Reattached {
  #process: ChildProcess | undefined;
  readonly #folder = mkdtempSync(join(tmpdir(), "fairlead-reattached-"));
  variable = "";

  async start(): Promise<void> {
    const env = { ...process.env, FAIRLEAD_REATTACH: ADDRESS };
    this.#process = spawn("node", [join(BUILT, "provider.cjs")], {
      ...{ env, cwd: this.#folder },
      ...{ stdio: ["ignore", "pipe", process.env.DEBUG_PROVIDER ? "inherit" : "ignore"] },
    });
    for await (const line of createInterface({ input: this.#process.stdout! })) {
      const [, json] = /^TF_REATTACH_PROVIDERS='(.*)'$/.exec(line) ?? [];
      if (!json) continue;
      this.variable = json;
      return;
    }
    throw new Error("the provider ended before it said where it listens");
  }

  stop(): void {
    this.#process?.kill("SIGTERM");
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export class Workspace {
  readonly folder = mkdtempSync(join(tmpdir(), "fairlead-terraform-"));
  readonly env: Record<string, string>;

  constructor(env: Record<string, string> = {}) {
    const rc = join(this.folder, "terraform.rc");
    writeFileSync(rc, "");
    this.env = { TF_CLI_CONFIG_FILE: rc, CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1", ...env };
  }

  write(configuration: string, name = "main.tf"): void {
    const head = `terraform {
  required_providers {
    fairlead = { source = "${ADDRESS}" }
  }
}
`;
    writeFileSync(
      join(this.folder, name),
      name === "main.tf" ? head + configuration : configuration,
    );
  }

  run(...args: string[]): Promise<Outcome> {
    return new Promise((done) => {
      const env = { ...process.env, ...this.env };
      const options = { cwd: this.folder, env, maxBuffer: 64 << 20, timeout: 170_000 };
      execFile(TERRAFORM, [...args, "-no-color"], options, (error, stdout, stderr) => {
        const code = error ? Number((error as { code?: unknown }).code ?? 1) : 0;
        done({ code, text: stdout + stderr });
      });
    });
  }

  /** Applies, and throws with what terraform said when that fails. */
  async apply(...args: string[]): Promise<string> {
    const { code, text } = await this.run("apply", "-auto-approve", "-input=false", ...args);
    if (code !== 0) throw new Error(text);
    return text;
  }

  /** The exit code of a plan: 0 nothing to do, 2 changes, 1 error; and what it said. */
  plan(...args: string[]): Promise<Outcome> {
    return this.run("plan", "-detailed-exitcode", "-input=false", ...args);
  }

  async state(address: string): Promise<Record<string, unknown>> {
    const { text } = await this.run("show", "-json");
    const { values } = JSON.parse(text) as {
      values?: { root_module: { resources: { address: string; values: object }[] } };
    };
    const found = values?.root_module.resources.find((one) => one.address === address);
    if (!found) throw new Error(`${address} is not in the state`);
    return found.values as Record<string, unknown>;
  }

  async close(): Promise<void> {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
