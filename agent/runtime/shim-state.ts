// What a shim tells of its container.
import * as z from "zod";
import { recordForm } from "../state/record.ts";

/** The exit of a container or exec, and what else a shim reports; see docs/shim-protocol.md. */
export interface ShimState {
  status: "created" | "running" | "paused" | "restarting" | "exited";
  pid: number;
  shimPid: number;
  bootId: string;
  startedAt: string;
  finishedAt: string;
  exitCode: number;
  signal: number;
  oomKilled: boolean;
  restartCount: number;
  /** Before the last restart; a shim of an older version does not tell it. */
  restartDelayMs?: number;
  stopRequested: boolean;
  error: string;
  health?: {
    status: "starting" | "healthy" | "unhealthy";
    failingStreak: number;
    log: { start: string; end: string; exitCode: number; output: string }[];
  };
}

/** state.json, which the shim writes. */
export const shimStateForm = recordForm<ShimState>(
  {
    what: "the state of a container",
    remedy: "its restart policy decided what became of it; the file may be removed",
  },
  z.looseObject({
    status: z.enum(["created", "running", "paused", "restarting", "exited"]),
    pid: z.number(),
    shimPid: z.number(),
    bootId: z.string(),
    startedAt: z.string(),
    finishedAt: z.string(),
    exitCode: z.number(),
    restartCount: z.number(),
    restartDelayMs: z.number().optional(),
    stopRequested: z.boolean(),
    error: z.string(),
    health: z.looseObject({ status: z.string(), log: z.array(z.looseObject({})) }).optional(),
  }),
);
