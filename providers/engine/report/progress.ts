// The typed list of what an apply tells while it runs. Plain values; a front end prints them.
import type { Operation } from "../../../resources/plan/operation.ts";

/** Why an operation failed, with what the host shows of it. */
export interface Evidence {
  exitCode?: number;
  oomKilled?: boolean;
  /** What the engine itself said of the failed start. */
  error?: string;
  /** Last lines of the container's log, oldest first, without terminal control characters. */
  logLines?: string[];
  /** Output of the last health probe, and how often it failed in a row. */
  health?: { status: string; failingStreak: number; output: string };
}

export type ProgressEvent =
  | { type: "started"; operation: Operation }
  | { type: "finished"; operation: Operation; elapsedMs: number }
  /** One that had nothing left to do, because another operation or run did it. */
  | { type: "skipped"; operation: Operation; reason: string }
  | {
      type: "failed";
      operation: Operation;
      code: string;
      message: string;
      hint?: string;
      evidence?: Evidence;
    }
  /** A long step: layer, pull, upload, health gate. `total` is absent while unknown. */
  | {
      type: "step";
      operation: Operation;
      /** What advances: a layer's short digest, or `health`. */
      subject: string;
      text: string;
      doneBytes?: number;
      totalBytes?: number;
    }
  /** The old container of a failed replacement runs again. */
  | { type: "rolledBack"; operation: Operation; message: string };

export type Progress = (event: ProgressEvent) => void;
