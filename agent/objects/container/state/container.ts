// One container in memory: its record, the last state its shim told, and who waits for a change.
// It starts and stops nothing itself.

import { FairleadError } from "../../../../resources/model/errors.ts";
import { type UnreadableRecord, unreadableText } from "../../../../resources/wire.ts";
import { SerialQueue } from "../../../concurrency/serial-queue.ts";
import type { ShimClient } from "../../../runtime/shim.ts";
import type { ShimState } from "../../../runtime/shim-state.ts";
import { writeRecord } from "../../../state/record.ts";
import type { Exec } from "./exec.ts";
import { type ContainerPaths, type ContainerRecord, containerForm } from "./record.ts";

export type ContainerStatus =
  | "created"
  | "running"
  | "paused"
  | "restarting"
  | "removing"
  | "exited"
  | "dead";

export type WaitCondition = "not-running" | "next-exit" | "removed";

/** Zero time of Go, which clients know as "never". */
export const NEVER = "0001-01-01T00:00:00Z";

export class Container {
  record: ContainerRecord;
  readonly paths: ContainerPaths;
  /** What the shim said last; undefined when the container never began. */
  state: ShimState | undefined;
  /** There while a shim supervises the container. */
  shim: ShimClient | undefined;
  /** Running execs, those that wait to be started, and the last that ended. */
  readonly execs = new Map<string, Exec>();
  /** Streams that attached before the start: they are joined once the shim is there. */
  readonly attachments = new Set<(shim: ShimClient | undefined) => Promise<void>>();
  /** True from a user's stop until the exit, so that events tell it. */
  stopping = false;
  /** Volumes that this agent mounted for it, by name. */
  readonly mounted = new Set<string>();
  /** The signal of a user's stop; another one that ended it came from the stop's patience. */
  stopSignal = 0;
  /** A user's restart is under way: what ends now is not removed, even with AutoRemove. */
  restarted = false;
  removed = false;
  readonly #exits = new Set<(exitCode: number) => void>();
  readonly #removals = new Set<() => void>();
  readonly #changes = new Set<() => void>();
  readonly #queue = new SerialQueue();

  /** Set when its record could not be read: `record` is then what else is known of it. */
  readonly unreadable: UnreadableRecord | undefined;

  constructor(record: ContainerRecord, paths: ContainerPaths, unreadable?: UnreadableRecord) {
    this.record = record;
    this.paths = paths;
    this.unreadable = unreadable;
  }

  get id(): string {
    return this.record.id;
  }

  get status(): ContainerStatus {
    if (this.record.removing) return "removing";
    if (this.unreadable && !this.running) return "dead";
    return this.state?.status ?? "created";
  }

  /** True from exec until the final exit, also while paused or waiting for a restart. */
  get running(): boolean {
    const status = this.state?.status;
    return status === "running" || status === "paused" || status === "restarting";
  }

  /** Of the last run that ended; 0 while one lasts. */
  get exitCode(): number {
    if (this.record.failure) return this.record.failure.exitCode;
    const status = this.state?.status;
    return status === "running" || status === "paused" ? 0 : (this.state?.exitCode ?? 0);
  }

  /** Whether its process ended by itself: nobody stopped it, and no shutdown of the host. */
  endedAlone({ bootId }: { bootId: string }): boolean {
    const { state } = this;
    return state?.status === "exited" && !state.stopRequested && state.bootId === bootId;
  }

  /** Runs one task after the other; a task that fails does not stop the next. */
  exclusive<T>(task: () => Promise<T>): Promise<T> {
    return this.#queue.run(task);
  }

  async save(): Promise<void> {
    this.requireRecord();
    await writeRecord(containerForm, this.paths.record, this.record);
  }

  /** Refuses what needs to know how the container was declared; `conflict`. */
  requireRecord(): void {
    if (!this.unreadable) return;
    throw new FairleadError(
      "conflict",
      `container ${this.record.name}: ${unreadableText(this.unreadable)}`,
      { path: this.unreadable.setAside },
    );
  }

  /** Takes over a state and tells who waits for any change. */
  update(state: ShimState | undefined): void {
    this.state = state;
    for (const listener of this.#changes) listener();
  }

  /** Resolves the waits for an exit: the final one, or one that a restart follows. */
  exited(exitCode: number): void {
    for (const listener of [...this.#exits]) listener(exitCode); // most leave by themselves
  }

  /** Resolves the waits for the removal, and those for an exit that can no longer come. */
  gone(): void {
    this.removed = true;
    for (const listener of this.#removals) listener();
    this.#removals.clear();
    this.exited(this.exitCode);
    for (const listener of this.#changes) listener();
  }

  /** Calls back at every change of the state until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#changes.add(listener);
    return () => this.#changes.delete(listener);
  }

  /** Waits until the condition holds after a change of the state, or so long. */
  until(condition: () => boolean, timeoutMs: number): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        stop();
        resolve();
      };
      const timer = setTimeout(finish, timeoutMs);
      const stop = this.onChange(() => {
        if (condition()) finish();
      });
    });
  }

  /** The exit code once the condition is met; rejects with the signal's reason. */
  wait(condition: WaitCondition, signal: AbortSignal): Promise<number> {
    if (condition === "not-running" && !this.running) return Promise.resolve(this.exitCode);
    if (condition === "removed" && this.removed) return Promise.resolve(this.exitCode);
    return new Promise((resolve, reject) => {
      let code = this.exitCode;
      const abort = () => {
        finish();
        reject(signal.reason);
      };
      const exit = (exitCode: number) => {
        code = exitCode;
        if (condition !== "removed") removal();
      };
      const removal = () => {
        finish();
        resolve(code);
      };
      const finish = () => {
        signal.removeEventListener("abort", abort);
        this.#exits.delete(exit);
        this.#removals.delete(removal);
      };
      signal.addEventListener("abort", abort, { once: true });
      this.#exits.add(exit);
      this.#removals.add(removal);
    });
  }

  /** Between two runs most requests have nobody to go to; dockerd's words. */
  refuseRestarting(): void {
    if (this.status !== "restarting") return;
    const sentence = `Container ${this.id} is restarting, wait until the container is running`;
    throw new FairleadError("conflict", sentence);
  }

  /** The shim of a container that runs; `conflict` in Docker's words otherwise. */
  requireRunning(): ShimClient {
    if (this.shim && this.running) return this.shim;
    throw new FairleadError("conflict", `container ${this.id} is not running`);
  }
}
