// Another client that changes an installation.
import { spawn } from "node:child_process";
import { LOCK, lockPath } from "../../../../providers/engine/bootstrap/lock.ts";

/** A process that holds the lock of an installation until its input ends. */
export function holdLock(prefix: string, path = process.env.PATH) {
  const script = `${LOCK}lock "$1"; echo held; read -r end; unlock "$1"`;
  const argv = ["-c", script, "sh", lockPath(prefix)];
  return spawn("/bin/sh", argv, { env: { ...process.env, PATH: path, SUDO_USER: "" } });
}
