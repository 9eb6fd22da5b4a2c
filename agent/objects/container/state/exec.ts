// One exec in memory: what was asked and what became of it. Execs live as long as their container
// runs; the shim knows the last 64 of them too.
import type { ExecConfig } from "@docker/node-sdk";

export interface Exec {
  readonly id: string;
  readonly containerId: string;
  readonly config: ExecConfig;
  started: boolean;
  running: boolean;
  pid: number;
  /** Undefined until it has ended. */
  exitCode: number | undefined;
  /** Called once it has a process, or has ended without one. */
  readonly waiters: Set<() => void>;
}

/** Notes the process of an exec and wakes who waits for it. */
export function beginExec(exec: Exec, pid: number): void {
  exec.pid = pid;
  notify(exec);
}

/** Notes the end of an exec and wakes who waits for it. */
export function endExec(exec: Exec, exitCode: number): void {
  if (exec.exitCode !== undefined) return;
  exec.running = false;
  exec.exitCode = exitCode;
  notify(exec);
}

function notify(exec: Exec): void {
  for (const waiter of exec.waiters) waiter();
  exec.waiters.clear();
}
