// Builds of a folder with many files: our command and agent beside the docker command and Debian's
// dockerd, the same Dockerfile and files, in one run.
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { Dockerd } from "../lab/dockerd.ts";
import { run } from "../lab/shell.ts";
import { Agent, makeArchive } from "./agent.ts";
import { median, report, times } from "./measure.ts";

const FILES = 3_000;
const FILE_BYTES = 8 * 1024;
const BASE = "bench/busybox:1";
const DOCKERFILE = `FROM ${BASE}
COPY . /app
RUN find /app -type f | wc -l > /count
`;

/** Prints the ratios of a build with nothing to do, after one changed file, and without a cache. */
export async function bench({ rounds = 5 } = {}): Promise<void> {
  const dockerd = new Dockerd();
  const agent = new Agent();
  const folder = mkdtempSync(join(tmpdir(), "bench-images-"));
  try {
    await Promise.all([dockerd.start(), agent.start()]);
    const archive = makeArchive(dockerd.folder);
    const onAgent = (...args: string[]) => run("docker", "-H", `unix://${agent.socket}`, ...args);
    const onDockerd = (...args: string[]) => dockerd.docker(...args);
    for (const docker of [onAgent, onDockerd]) await docker("import", archive, BASE);
    const source = writeContext(folder, agent.socket);
    const fairlead = (...args: string[]) =>
      promisify(execFile)(process.execPath, [resolve("dist/fairlead.js"), ...args], {
        cwd: folder,
      });
    process.env.DOCKER_BUILDKIT = "0";
    const classic = ["build", "-q", "-t", "theirs", "--network", "none"];
    const theirs = (...more: string[]) => onDockerd(...classic, ...more, folder);
    const compare = async (
      what: string,
      aim: number,
      before: () => void,
      args: string[],
      their: string[] = [],
    ) => {
      const our = await times(rounds, () => fairlead(...args), before);
      const peer = await times(rounds, () => theirs(...their), before);
      report(`${what}, ${FILES} files`, median(our), median(peer), "ms", aim);
    };
    await fairlead("up", "--yes");
    await theirs();
    let turn = 0;
    const build = ["build", "--quiet"];
    await compare("up, nothing changed", 0.3, () => {}, ["up", "--yes"]);
    await compare("build, one file changed", 0.8, () => source(`turn ${turn++}`), build);
    const anew = "--no-cache";
    await compare("build, without a cache", 0.8, () => {}, [...build, anew], [anew]);
  } finally {
    await agent.stop();
    await dockerd.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes the files; what is returned changes one of them. */
function writeContext(folder: string, socket: string): (text: string) => void {
  for (let index = 0; index < FILES; index += 1) {
    const at = join(folder, `src/${index % 50}`);
    mkdirSync(at, { recursive: true });
    writeFileSync(join(at, `${index}.js`), `${index}\n`.padEnd(FILE_BYTES, "x"));
  }
  writeFileSync(join(folder, "Dockerfile"), DOCKERFILE);
  writeFileSync(
    join(folder, "compose.yaml"),
    `name: bench
x-fairlead: { hosts: { here: "unix://${socket}" } }
services:
  web:
    build: { context: ., network: none }
    command: [sleep, "1000"]
    network_mode: none
`,
  );
  return (text) => writeFileSync(join(folder, "src/0/0.js"), text);
}
