// What one supervised container costs in memory that stays resident, when it has worked a while.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { eventually, makeShimLab, type ShimLab, whyNot } from "./shim-lab.ts";

const reason = whyNot();
const MOST_KB = 1536;

describe.skipIf(reason)(`the shim's memory (skipped: ${reason ?? "no"})`, () => {
  let lab: ShimLab | undefined;
  afterAll(() => lab?.clean());

  test("is below 1.5 MB, also after thousands of log lines, clients and execs", async () => {
    lab = makeShimLab();
    const box = lab.specimen({
      run: "yes 0123456789 | head -c 330000; echo done; exec sleep 600",
      settings: {
        openStdin: true,
        restart: { policy: "always", maxRetries: 0 },
        healthcheck: {
          argv: ["/bin/true"],
          intervalMs: 60_000,
          timeoutMs: 5000,
          retries: 3,
          startPeriodMs: 60_000,
          startIntervalMs: 100,
        },
        resolver: { tables: [], upstreams: ["127.0.0.1"], search: [] },
      },
    });
    const { shimPid } = await box.begin();
    const streams = { stdin: true, stdout: true, stderr: true };
    const attached = await Promise.all([1, 2, 3].map(() => box.client.attach(streams)));
    for (const stream of attached) stream.resume();
    for (let count = 0; count < 5; count++) {
      const process = { args: ["/bin/true"], cwd: "/", user: { uid: 0, gid: 0 }, env: [] };
      const id = count.toString(16).padStart(64, "0");
      const exec = { id, process, tty: false, attach: true, ...streams };
      const { stream } = await box.client.exec(exec);
      stream!.resume();
      await once(stream!, "end");
    }
    for (const stream of attached) stream.destroy();
    await eventually("the log's end", () => box.log().at(-1)?.log === "done\n");
    await eventually("a probe", () => box.saved().health?.status === "healthy");
    const kilobytes = (key: string) => {
      const rollup = readFileSync(`/proc/${shimPid}/smaps_rollup`, "utf8");
      return Number(new RegExp(`^${key}:\\s+(\\d+)`, "m").exec(rollup)?.[1]);
    };
    // It gives back within seconds what only its work has touched.
    await eventually("less memory", () => kilobytes("Rss") < MOST_KB, 15_000);
    const [resident, proportional] = [kilobytes("Rss"), kilobytes("Pss")];
    console.log(`one shim: ${resident} kB resident, ${proportional} kB its own share`);
    expect(proportional).toBeLessThanOrEqual(resident);
    expect(resident).toBeLessThan(MOST_KB);
  });
});
