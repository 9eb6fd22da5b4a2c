// The agent's own folders, closed to the other users of the host: a set-user-id program, a device
// node or an open file of a container must not be reachable from outside (CVE-2021-41091).
import { chmodSync, mkdirSync, statSync } from "node:fs";

const STATE = ["containers", "images", "layers", "networks", "projects", "storage", "volumes"];
/** Without the folder itself, in which the socket is: whoever may use that must get to it. */
const RUN = ["files", "hosts", "netns", "runtimes", "sandboxes", "shims", "uplink"];

/** What older agents gave to `root`, which passes everybody on. */
const PASSABLE = 0o711;
const CLOSED = 0o700;

/** Makes what is missing, and closes what an older agent has left open. */
export function closeFolders({ root, run }: { root: string; run: string }): void {
  mkdirSync(root, { recursive: true, mode: CLOSED });
  // One with another mode was there before us: what else is in it is not ours to close.
  if ((statSync(root).mode & 0o7777) === PASSABLE) chmodSync(root, CLOSED);
  mkdirSync(run, { recursive: true, mode: PASSABLE });
  for (const folder of [
    ...STATE.map((name) => `${root}/${name}`),
    ...RUN.map((name) => `${run}/${name}`),
  ]) {
    mkdirSync(folder, { recursive: true, mode: CLOSED });
    chmodSync(folder, CLOSED);
  }
}
