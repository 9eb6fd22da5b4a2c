// Notices when the agent has nothing to do; knows nothing of what is then done.

const CHECK_MS = 5_000;
const BUSY_SHARE = 0.02; // of one processor

/** Calls `act` once each time the process becomes quiet after work, its start included. */
export function whenQuiet(act: () => Promise<void>, checkMs = CHECK_MS): void {
  let before = process.cpuUsage();
  let acted = false;
  setInterval(() => {
    const { user, system } = process.cpuUsage(before);
    before = process.cpuUsage();
    const busy = (user + system) / 1000 > checkMs * BUSY_SHARE;
    if (!busy && !acted) act().catch(() => {}); // it costs memory alone when it fails
    acted = !busy;
  }, checkMs).unref();
}
