// What the test engine keeps of a resource, and what a run gives. Types only.
import type { PulumiObject } from "../../../../providers/pulumi/value.ts";
import type { Diff, Plugin } from "./plugin.ts";

export type Op = "same" | "create" | "update" | "replace" | "delete" | "import" | "refresh";

export interface Outcome {
  /** `create Container web`, in the order in which they began. */
  steps: string[];
  errors: string[];
  diffs: Record<string, Diff>;
  /** What the stack exports. */
  exports: PulumiObject;
  log: string;
}

export interface RunOptions {
  preview?: boolean;
  config?: PulumiObject;
  /** Called when the default provider has been started, for tests that cancel. */
  started?: (plugin: Plugin) => void;
}

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
