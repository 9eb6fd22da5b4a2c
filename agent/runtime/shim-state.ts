// What a shim tells of its container.

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
  stopRequested: boolean;
  error: string;
  health?: {
    status: "starting" | "healthy" | "unhealthy";
    failingStreak: number;
    log: { start: string; end: string; exitCode: number; output: string }[];
  };
}
