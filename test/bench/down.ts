// `down` of many containers whose process ignores SIGTERM, with a grace period of a second: what it
// takes beyond that second is the work itself.
import { Project } from "../e2e/project.ts";
import { Lab } from "../lab/lab.ts";
import { once } from "./measure.ts";

const GRACE_MS = 1000;
const MAX_MS = 6000;

/** Prints the wall time; `rounds` is the number of containers, 500 unless given. */
export async function bench({ rounds = 500 }: { rounds?: number }): Promise<void> {
  const lab = await Lab.open(1);
  const project = new Project(lab);
  try {
    const { address } = lab.host("h1");
    const host = `{ host: ${address}, user: root, privateKey: ${lab.privateKeyPath} }`;
    project.compose(`
name: down
x-fairlead: { hosts: { h1: ${host} } }
services:
  deaf:
    image: bench/busybox:1
    x-fairlead: { image: { rootfs: ./rootfs } }
    command: [sh, -c, "trap '' TERM; while :; do sleep 1000; done"]
    network_mode: none
    scale: ${rounds}
    stop_grace_period: ${GRACE_MS}ms
`);
    await project.succeed("up", "--yes");
    const took = await once(() => project.succeed("down", "--yes"));
    const verdict = took <= MAX_MS ? "met" : "MISSED";
    const what = `down of ${rounds} containers that ignore SIGTERM, grace ${GRACE_MS} ms`;
    console.log(`${what}: ${Math.round(took)} ms (aim ${MAX_MS}: ${verdict})`);
  } finally {
    project.remove();
    await lab.close();
  }
}
