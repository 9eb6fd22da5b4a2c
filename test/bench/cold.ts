// From a bare host to the first running container, beside what `apt-get install docker.io` alone
// takes there from a warm package cache.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync } from "node:fs";
import { Project } from "../e2e/project.ts";
import { Lab, type LabHost } from "../lab/lab.ts";
import { once, report } from "./measure.ts";

/** Prints the ratio of the two times. */
export async function bench(): Promise<void> {
  const lab = await Lab.open(2);
  const project = new Project(lab);
  try {
    const [ours, theirs] = lab.hosts;
    if (!ours || !theirs) throw new Error("the lab has no two hosts");
    await warmPackages(theirs);
    project.compose(`
name: cold
x-fairlead:
  hosts: { h1: { host: ${ours.address}, user: root, privateKey: ${lab.privateKeyPath} } }
services:
  first:
    image: bench/busybox:1
    x-fairlead: { image: { rootfs: ./rootfs } }
    command: [sleep, "100000"]
`);
    const install = "DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-download";
    const packages = "--no-install-recommends docker.io";
    const theirTime = await once(() => lab.ssh(theirs, `${install} ${packages} >/dev/null 2>&1`));
    const ourTime = await once(() => project.succeed("up", "--yes"));
    report("bare host to first container, beside apt-get", ourTime, theirTime, "ms", 1);
  } finally {
    project.remove();
    await lab.close();
  }
}

/** Gives a host the package lists of this machine, and every package that docker.io needs. */
async function warmPackages(host: LabHost): Promise<void> {
  const archives = host.outside("/var/cache/apt/archives");
  mkdirSync(archives, { recursive: true });
  const lists = host.outside("/var/lib/apt/lists");
  execFileSync("apt-get", ["update", "-qq"]);
  cpSync("/var/lib/apt/lists", lists, { recursive: true });
  const options = ["-o", `Dir::State::status=${host.outside("/var/lib/dpkg/status")}`];
  const cache = ["-o", `Dir::Cache::archives=${archives}`];
  const get = ["install", "-y", "-qq", "--download-only", "--no-install-recommends", "docker.io"];
  execFileSync("apt-get", [...options, ...cache, ...get], { stdio: "ignore" });
  if (!readdirSync(archives).some((name) => name.startsWith("docker.io_"))) {
    throw new Error("apt-get did not bring docker.io");
  }
}
