// The real engine through Pulumi's Automation API, with a file backend of its own, as scenarios see
// an engine: the same steps, differences and errors that the test engine gives.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type EngineEvent, LocalWorkspace, type Stack } from "@pulumi/pulumi/automation/index.js";
import type { PulumiObject } from "../../../../providers/pulumi/value.ts";
import type { Outcome, RunOptions, Scenarios, Seen } from "../engine/outcome.ts";
import type { Program } from "../engine/program.ts";
import type { PulumiHome } from "./pulumi.ts";

const OPS: Record<string, string> = {
  ...{
    "create-replacement": "replace",
    "delete-replaced": "delete",
    "import-replacement": "import",
  },
};
/** Steps that are part of others, or about no resource of a program. */
const SILENT = new Set(["replace", "discard-replaced", "remove-pending-replace", "read"]);

export class RealEngine implements Scenarios {
  readonly #home: PulumiHome;
  #program: Program | undefined;
  #stack: Stack | undefined;
  #state: StateFile = {};

  constructor(home: PulumiHome) {
    this.#home = home;
  }

  async up(program: Program, { preview, cancelWhen }: RunOptions = {}): Promise<Outcome> {
    const stack = await this.#of(program);
    const cancel = new AbortController();
    void cancelWhen?.().then(() => cancel.abort());
    return this.#watched(async (options) => {
      if (preview) await stack.preview(options);
      else await stack.up({ ...options, signal: cancel.signal });
    }, preview === true);
  }

  preview(program: Program, options: RunOptions = {}): Promise<Outcome> {
    return this.up(program, { ...options, preview: true });
  }

  refresh(): Promise<Outcome> {
    return this.#watched((options) => this.#stack!.refresh(options), false, true);
  }

  destroy(): Promise<Outcome> {
    return this.#watched((options) => this.#stack!.destroy(options), false);
  }

  async forget(name: string): Promise<void> {
    const { urn } = this.of(name);
    await this.#home.succeed(
      this.#program!.folder,
      ...["state", "delete", urn, "--yes", "--force", "--stack", "test"],
    );
    await this.#readState();
  }

  of(name: string): Seen {
    const found = this.#state.resources?.find(({ urn }) => urn.endsWith(`::${name}`));
    if (!found) throw new Error(`no resource ${name} in the state`);
    const { urn, id = "", inputs = {}, outputs = {}, initErrors = [] } = found;
    return { urn, id, inputs, outputs, initErrors };
  }

  count(): number {
    return (this.#state.resources ?? []).filter(({ type }) => type.startsWith("fairlead:")).length;
  }

  exported(): string {
    return readFileSync(join(this.#home.folder, "state/.pulumi/stacks/lab/test.json"), "utf8");
  }

  async #of(program: Program): Promise<Stack> {
    if (this.#stack && this.#program === program) return this.#stack;
    this.#program = program;
    const place = { stackName: "test", workDir: program.folder };
    const more = { envVars: this.#home.env, pulumiCommand: await this.#home.automation() };
    this.#stack = await LocalWorkspace.createOrSelectStack(place, more);
    for (const [key, value] of Object.entries(program.config)) {
      await this.#stack.setConfig(key, { value });
    }
    return this.#stack;
  }

  async #watched(
    work: (options: { onEvent(event: EngineEvent): void }) => Promise<unknown>,
    preview: boolean,
    reads = false,
  ): Promise<Outcome> {
    const outcome: Outcome = { steps: [], errors: [], diffs: {}, exports: {}, log: "" };
    const onEvent = (event: EngineEvent) => note(event, outcome, reads);
    try {
      await work({ onEvent });
    } catch (error) {
      if (outcome.errors.length === 0) outcome.errors.push((error as Error).message);
    }
    if (preview) return outcome;
    await this.#readState();
    const stack = this.#state.resources?.find(({ type }) => type === "pulumi:pulumi:Stack");
    outcome.exports = stack?.outputs ?? {};
    return outcome;
  }

  async #readState(): Promise<void> {
    this.#state = (await this.#stack!.exportStack()).deployment as StateFile;
  }
}

interface StateFile {
  resources?: (Omit<Seen, "urn"> & { urn: string; type: string; outputs?: PulumiObject })[];
}

function note(event: EngineEvent, outcome: Outcome, reads: boolean): void {
  const { diagnosticEvent: said } = event;
  if (said) {
    outcome.log += said.message;
    if (said.severity === "error") outcome.errors.push(said.message);
  }
  const step = reads ? event.resOutputsEvent : event.resourcePreEvent;
  if (step) stepOf(step.metadata, outcome, reads);
  const outputs = event.resOutputsEvent?.metadata;
  if (outputs?.type === "pulumi:pulumi:Stack" && outputs.new) {
    outcome.exports = outputs.new.outputs as PulumiObject;
  }
}

interface Metadata {
  op: string;
  urn: string;
  type: string;
  detailedDiff?: Record<string, { diffKind: string }>;
}

function stepOf({ op, urn, type, detailedDiff }: Metadata, outcome: Outcome, reads: boolean): void {
  if (!type.startsWith("fairlead:") || SILENT.has(op)) return;
  const name = urn.split("::").at(-1)!;
  const shown = reads && op === "update" ? "refresh" : (OPS[op] ?? op);
  outcome.steps.push(`${shown} ${type.split(":").at(-1)} ${name}`);
  if (op === "delete" || op === "delete-replaced" || op === "create") return;
  const detail = Object.fromEntries(
    Object.entries(detailedDiff ?? {}).map(([path, { diffKind }]) => [path, diffKind]),
  );
  outcome.diffs[name] = { detail };
}
