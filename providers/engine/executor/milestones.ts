// What has been reached of each operation: what it starts runs, it is done, or it failed.
import { isKind, kindOf } from "../../../resources/kinds/registry.ts";
import type { Gate, Operation } from "../../../resources/plan/operation.ts";
import { addressOf } from "../../../resources/plan/resource.ts";

interface Mark {
  reached: Promise<boolean>;
  settle(reached: boolean): void;
}

const BRINGS_UP = new Set(["create", "replace", "start", "restart", "verify"]);

export class Milestones {
  readonly #started = new Map<string, Mark>();
  readonly #done = new Map<string, Mark>();
  readonly #byAddress = new Map<string, string[]>();

  constructor(operations: readonly Operation[]) {
    for (const operation of operations) {
      const { id, kind, action } = operation;
      this.#started.set(id, mark());
      this.#done.set(id, mark());
      if (!isKind(kind) || !kindOf(kind).runs || !BRINGS_UP.has(action)) continue;
      const address = addressOf(operation);
      this.#byAddress.set(address, [...(this.#byAddress.get(address) ?? []), id]);
    }
  }

  start(id: string): void {
    this.#started.get(id)?.settle(true);
  }

  finish(id: string): void {
    this.start(id);
    this.#done.get(id)?.settle(true);
  }

  fail(id: string): void {
    this.#started.get(id)?.settle(false);
    this.#done.get(id)?.settle(false);
  }

  /** True when the operation succeeded, false when it did not; true for one not in the plan. */
  async done(id: string): Promise<boolean> {
    return (await this.#done.get(id)?.reached) ?? true;
  }

  /** True when the operations on what a gate waits for are as far as the gate needs them. */
  async reached(gate: Gate): Promise<boolean> {
    const ids = this.#byAddress.get(addressOf(gate)) ?? [];
    const marks = gate.condition === "started" ? this.#started : this.#done;
    const reached = await Promise.all(ids.map((id) => marks.get(id)?.reached ?? true));
    return !reached.includes(false);
  }
}

function mark(): Mark {
  let settle: (reached: boolean) => void = () => {};
  const reached = new Promise<boolean>((resolve) => {
    settle = resolve;
  });
  return { reached, settle };
}
