// How fast the plugin starts, and an up with 1 host and 50 containers that has nothing to do,
// beside one of a program without resources, with the real engine. Run by `npm run bench:pulumi`.
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { findPulumi, PulumiHome } from "../providers/pulumi/cli/pulumi.ts";
import { DockerHost } from "../providers/pulumi/docker-host.ts";
import { Program } from "../providers/pulumi/engine/program.ts";

const COUNT = 50;
const ROUNDS = 3;
const STARTS = 20;

export async function bench(): Promise<void> {
  if (!findPulumi()) throw new Error("there is no pulumi; npm run test:pulumi builds it");
  console.log(`start of the plugin until it says its port, median: ${await start()} ms`);
  const docker = new DockerHost();
  const home = new PulumiHome();
  const bare = new Program();
  try {
    await docker.start();
    await home.prepare();
    const ours = docker.says(`
for (let at = 0; at < ${COUNT}; at++) new fairlead.Container("c" + at, { ...quick });`);
    await home.succeed(ours.folder, "stack", "init", "test");
    await home.succeed(ours.folder, "up", "--skip-preview");
    bare.is("");
    await home.succeed(bare.folder, "stack", "init", "bare");
    await home.succeed(bare.folder, "up", "--skip-preview");
    const [withUs, without] = [await noop(home, ours), await noop(home, bare)];
    console.log(`no-op up of 1 host and ${COUNT} containers: ${Math.round(withUs)} ms`);
    console.log(`no-op up of a program without resources: ${Math.round(without)} ms`);
    await home.succeed(ours.folder, "destroy", "--skip-preview");
  } finally {
    bare.remove();
    home.remove();
    await docker.stop();
  }
}

async function start(): Promise<number> {
  const took: number[] = [];
  for (let round = 0; round < STARTS; round++) {
    const begin = performance.now();
    const child = spawn(resolve("dist/pulumi-resource-fairlead"), ["127.0.0.1:1"]);
    await new Promise((said) => child.stdout.once("data", said));
    took.push(performance.now() - begin);
    child.kill();
    await new Promise((gone) => child.once("exit", gone));
  }
  took.sort((a, b) => a - b);
  return Math.round(took[STARTS / 2]!);
}

/** The shortest of some runs, in milliseconds. */
async function noop(home: PulumiHome, { folder }: Program): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const begin = performance.now();
    await home.succeed(folder, "up", "--skip-preview", "--expect-no-changes");
    best = Math.min(best, performance.now() - begin);
  }
  return best;
}
