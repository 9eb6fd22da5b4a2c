// What the test engine keeps of a resource, and what a run gives. Types only.
import type { PulumiObject } from "../../../../providers/pulumi/value.ts";
import type { Program } from "./program.ts";

export type Op = "same" | "create" | "update" | "replace" | "delete" | "import" | "refresh";

export interface Outcome {
  /** `create Container web`, in the order in which they began. */
  steps: string[];
  errors: string[];
  diffs: Record<string, { detail: Record<string, string>; deleteBeforeReplace?: boolean }>;
  /** What the stack exports. */
  exports: PulumiObject;
  log: string;
}

export interface RunOptions {
  preview?: boolean;
  config?: PulumiObject;
  /** As a person does with Ctrl-C, when this has come. */
  cancelWhen?: () => Promise<void>;
}

/** What scenarios do with an engine: the test engine, or the real one. */
export interface Scenarios {
  /** Runs the program and makes things so, or says what would be done. */
  up(program: Program, options?: RunOptions): Promise<Outcome>;
  preview(program: Program, options?: RunOptions): Promise<Outcome>;
  /** Reads everything; says per resource what has drifted. */
  refresh(): Promise<Outcome>;
  destroy(): Promise<Outcome>;
  /** Takes a resource out of the state and leaves what it stands for. */
  forget(name: string): Promise<void>;
  of(name: string): Seen;
  /** How many resources of ours the state has. */
  count(): number;
  /** The state as a file has it. */
  exported(): string;
}
export type Seen = Pick<State, "urn" | "id" | "inputs" | "outputs" | "initErrors">;

/** What lasts longer than a run. */
export interface Store {
  readonly resources: Map<string, State>;
  /** Everything that was ever sealed: it must not be in any text. */
  readonly secrets: Set<string>;
  /** Deletes it at the end of the run. */
  later(state: State): void;
}

export interface State {
  urn: string;
  type: string;
  id: string;
  custom: boolean;
  inputs: PulumiObject;
  outputs: PulumiObject;
  initErrors: string[];
  options: Options;
}

/** What the engine itself needs of a resource's options. */
export interface Options {
  retain: boolean;
  protect: boolean;
  deletedWith: string;
  deleteSeconds: number;
  /** Reference of its explicit provider; empty for the default one. */
  provider: string;
  /** URNs that each input came from. */
  sources: Record<string, string[]>;
}
