// A plan of 50 containers that has nothing to do, against a plan of 50 resources with no plugin
// at all (terraform_data is built in). Prints both and their ratio; run by `npm run
// bench:terraform`.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { start } from "../../providers/terraform/setup/doctor.ts";
import { install } from "../../providers/terraform/setup/install.ts";
import { builtProvider } from "../../providers/terraform/setup/place.ts";
import { DockerEngine } from "../providers/engine/reconcile/docker-engine.ts";
import { Workspace } from "../providers/terraform/workspace.ts";

const COUNT = 50;
const ROUNDS = 5;

export async function bench(): Promise<void> {
  const docker = new DockerEngine();
  const mirror = mkdtempSync(join(tmpdir(), "fairlead-bench-"));
  const rc = join(mirror, "terraform.rc");
  install("0.1.0", { mirror, writeRc: rc });
  const ours = new Workspace({ TF_CLI_CONFIG_FILE: rc });
  const bare = new Workspace();
  try {
    await docker.start();
    ours.write(`
resource "fairlead_host" "h" {
  name    = "h"
  connect = { host = "local", engine = "docker", socket = "${docker.socket}" }
}
resource "fairlead_image" "i" {
  host   = fairlead_host.h.id
  name   = "fairlead/bench:1"
  rootfs = "${docker.rootfs}"
  config = { command = ["sleep", "6000"] }
}
resource "fairlead_container" "c" {
  count  = ${COUNT}
  host   = fairlead_host.h.id
  name   = "c\${count.index}"
  image  = fairlead_image.i.ref
  init   = true
  settle = "10ms"
}
`);
    await ours.run("init");
    await ours.apply();
    bare.write(`resource "terraform_data" "c" { count = ${COUNT} }`, "data.tf");
    await bare.run("init");
    await bare.apply();
    const handshakes = [];
    for (let round = 0; round < ROUNDS; round++)
      handshakes.push((await start(builtProvider())).startMs);
    const [withUs, without] = [await noop(ours), await noop(bare)];
    console.log(`start to handshake line: ${Math.min(...handshakes)} ms`);
    console.log(`no-op plan of ${COUNT} containers: ${Math.round(withUs)} ms`);
    console.log(`no-op plan of ${COUNT} terraform_data, no plugin: ${Math.round(without)} ms`);
    console.log(`ratio: ${(withUs / without).toFixed(2)}`);
  } finally {
    await ours.close();
    await bare.close();
    await docker.stop();
    rmSync(mirror, { recursive: true, force: true });
  }
}

/** The shortest of some plans that have nothing to do, in milliseconds. */
async function noop(terraform: Workspace): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const begin = performance.now();
    const { code, text } = await terraform.plan();
    best = Math.min(best, performance.now() - begin);
    if (code !== 0) throw new Error(text);
  }
  return best;
}
