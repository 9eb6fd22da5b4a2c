// An up with 1 host and 50 containers that has nothing to do, beside one of a program without
// resources: both with the real engine. Run by `npm run bench:pulumi`.
import { findPulumi, PulumiHome } from "../providers/pulumi/cli/pulumi.ts";
import { DockerHost } from "../providers/pulumi/docker-host.ts";
import { Program } from "../providers/pulumi/engine/program.ts";

const COUNT = 50;
const ROUNDS = 3;

export async function bench(): Promise<void> {
  if (!findPulumi()) throw new Error("there is no pulumi; npm run test:pulumi builds it");
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
