// `docker run --rm IMAGE true` and the memory of 20 containers: our agent beside Debian's dockerd,
// the same docker command, the same image, the same run.
import { Dockerd } from "../lab/dockerd.ts";
import { run } from "../lab/shell.ts";
import { Agent, makeArchive } from "./agent.ts";
import { median, report, residentKiB, times } from "./measure.ts";

const COUNT = 20;
const IMAGE = "bench/busybox:1";

/** Prints the ratios of run time and of resident memory. */
export async function bench(): Promise<void> {
  const dockerd = new Dockerd();
  const agent = new Agent();
  try {
    await Promise.all([dockerd.start(), agent.start()]);
    const archive = makeArchive(dockerd.folder);
    const ours = (...args: string[]) => run("docker", "-H", `unix://${agent.socket}`, ...args);
    const theirs = (...args: string[]) => dockerd.docker(...args);
    for (const docker of [ours, theirs]) await docker("import", archive, IMAGE);
    const once = (docker: typeof ours) => docker("run", "--rm", IMAGE, "true");
    for (const docker of [ours, theirs]) await times(3, () => once(docker));
    const ourTimes = await times(COUNT, () => once(ours));
    const theirTimes = await times(COUNT, () => once(theirs));
    report("docker run --rm IMAGE true", median(ourTimes), median(theirTimes), "ms", 0.5);
    const sleepers = (docker: typeof ours) =>
      times(COUNT, () => docker("run", "-d", IMAGE, "sleep", "1000"));
    await sleepers(ours);
    await sleepers(theirs);
    const ourKiB = residentKiB((line) => line.includes(agent.folder) && !line.startsWith("docker"));
    const theirKiB = residentKiB(
      (line) =>
        /^(\/usr\/s?bin\/)?(dockerd|containerd)/.test(line) && line.includes(dockerd.folder),
    );
    report(`resident, ${COUNT} containers`, ourKiB / 1024, theirKiB / 1024, "MiB", 0.5);
  } finally {
    await agent.stop();
    await dockerd.stop();
  }
}
