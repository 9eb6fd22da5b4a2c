// Finds the shims that run on this host by the bundles that they name; also those that an agent
// launched in its last moment, which have no socket yet. Reads only.
import { readdir, readFile } from "node:fs/promises";

/** Process numbers by the folder of the bundle. */
export async function liveShims(): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  await Promise.all(
    pids.map(async (pid) => {
      const line = await readFile(`/proc/${pid}/cmdline`, "latin1").catch(() => "");
      const [, face, option, bundle] = line.split("\0");
      if (face === "shim" && option === "--bundle" && bundle) found.set(bundle, Number(pid));
    }),
  );
  return found;
}
