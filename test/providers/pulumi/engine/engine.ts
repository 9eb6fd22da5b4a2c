// A small engine over the real protocol: it serves the ResourceMonitor that a program registers its
// resources with, calls the real plugin, and keeps a state. What the real one promises to programs
// and providers that is tested here is as in pkg/resource/deploy of 3.259.

import type { Outcome, RunOptions, Scenarios, State, Store } from "./outcome.ts";
import type { Program } from "./program.ts";
import { Run } from "./run.ts";

export class TestEngine implements Store, Scenarios {
  readonly resources = new Map<string, State>();
  /** Everything that was ever sealed: it must not be in any text. */
  readonly secrets = new Set<string>();
  readonly #pendingDeletes: State[] = [];
  /** Of the program that ran last: plugins are started in it. */
  #folder: string | undefined;

  async up(program: Program, options: RunOptions = {}): Promise<Outcome> {
    this.#folder = program.folder;
    return this.#run(options, async (run) => {
      const seen = await run.register(program);
      if (run.outcome.errors.length > 0) return;
      const gone = [...this.resources.values()].filter(({ urn }) => !seen.has(urn)).reverse();
      const going = [...this.#pendingDeletes, ...gone];
      const urns = new Set(gone.map(({ urn }) => urn));
      for (const state of going) await run.delete(state, urns);
      if (!options.preview) this.#pendingDeletes.length = 0;
    });
  }

  preview(program: Program, options: RunOptions = {}): Promise<Outcome> {
    return this.up(program, { ...options, preview: true });
  }

  refresh(options: RunOptions = {}): Promise<Outcome> {
    return this.#run(options, async (run) => {
      for (const state of [...this.resources.values()]) if (state.custom) await run.refresh(state);
    });
  }

  destroy(options: RunOptions = {}): Promise<Outcome> {
    return this.#run(options, async (run) => {
      const all = [...this.resources.values()].reverse();
      const urns = new Set(all.map(({ urn }) => urn));
      for (const state of all) await run.delete(state, urns);
    });
  }

  /** The state as a file would have it: sealed values are not in it. */
  exported(): string {
    return JSON.stringify([...this.resources.values()], (_key, value) =>
      value?.constructor?.name === "Sealed" ? "[sealed]" : value,
    );
  }

  of(name: string): State {
    const found = [...this.resources.values()].find(({ urn }) => urn.endsWith(`::${name}`));
    if (!found) throw new Error(`no resource ${name} in the state`);
    return found;
  }

  async forget(name: string): Promise<void> {
    this.resources.delete(this.of(name).urn);
  }

  count(): number {
    return [...this.resources.values()].filter(({ type }) => type.startsWith("fairlead:")).length;
  }

  later(state: State): void {
    this.#pendingDeletes.push(state);
  }

  async #run(options: RunOptions, work: (run: Run) => Promise<void>): Promise<Outcome> {
    const run = new Run(this, options, this.#folder);
    await run.start();
    try {
      await work(run);
    } finally {
      await run.end();
    }
    this.#mustKeepSecrets(run.outcome);
    return run.outcome;
  }

  #mustKeepSecrets({ errors, log }: Outcome): void {
    const texts = { "the state": this.exported(), "an error": errors.join("\n"), "the log": log };
    for (const [place, text] of Object.entries(texts)) {
      const found = [...this.secrets].find((secret) => text.includes(secret));
      if (found) throw new Error(`a secret is in ${place} in the clear: ${found}`);
    }
  }
}
