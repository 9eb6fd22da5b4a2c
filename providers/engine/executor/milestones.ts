// What has been reached of each operation: its container runs, it is done, or it failed.
import { isKind, kindOf } from "../../../resources/kinds/registry.ts";
import type { Gate, Operation } from "../../../resources/plan/operation.ts";

interface Mark {
  reached: Promise<boolean>;
  settle(reached: boolean): void;
}

const BRINGS_UP = new Set(["create", "replace", "start", "restart", "verify"]);

export class Milestones {
  readonly #started = new Map<string, Mark>();
  readonly #done = new Map<string, Mark>();
  readonly #byContainer = new Map<string, string[]>();

  constructor(operations: readonly Operation[]) {
    for (const { id, host, kind, name, action } of operations) {
      this.#started.set(id, mark());
      this.#done.set(id, mark());
      if (!isKind(kind) || !kindOf(kind).runs || !BRINGS_UP.has(action)) continue;
      const key = `${host}/${name}`;
      this.#byContainer.set(key, [...(this.#byContainer.get(key) ?? []), id]);
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

  /** True when the operations on a gate's container are as far as the gate needs them. */
  async reached(gate: Gate): Promise<boolean> {
    const ids = this.#byContainer.get(`${gate.host}/${gate.name}`) ?? [];
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
