// Time and memory, measured the same way for us and for the peer.
import { readdirSync, readFileSync } from "node:fs";

/** Milliseconds of each of `count` runs, sorted; what is done `before` each is not counted. */
export async function times(
  count: number,
  work: () => Promise<unknown>,
  before: () => void = () => {},
): Promise<number[]> {
  const taken: number[] = [];
  for (let index = 0; index < count; index++) {
    before();
    const start = performance.now();
    await work();
    taken.push(performance.now() - start);
  }
  return taken.sort((a, b) => a - b);
}

export const median = (sorted: number[]): number => sorted[Math.floor(sorted.length / 2)] ?? NaN;

/** Milliseconds of one run. */
export async function once(work: () => Promise<unknown>): Promise<number> {
  return median(await times(1, work));
}

/** Resident KiB of every process whose command line satisfies the condition. */
export function residentKiB(matches: (commandLine: string) => boolean): number {
  let total = 0;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      if (!matches(command)) continue;
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      total += Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
    } catch {
      // The process has ended meanwhile.
    }
  }
  return total;
}

/** Prints one line of the result: ours, theirs, and the ratio against its aim. */
export function report(
  what: string,
  ours: number,
  theirs: number,
  unit: string,
  aim: number,
): void {
  const ratio = ours / theirs;
  const verdict = ratio <= aim ? "met" : "MISSED";
  const shown = (value: number) => `${value.toFixed(value < 10 ? 2 : 0)} ${unit}`;
  console.log(
    `${what.padEnd(52)} ${shown(ours).padStart(10)} ${shown(theirs).padStart(10)}` +
      `   ratio ${ratio.toFixed(3)} (aim ${aim.toFixed(3)}: ${verdict})`,
  );
}
