// A second `up` for 50 containers on one host: its round trips over a line with 50 ms of latency,
// and its wall time beside Ansible's docker_container doing the same 50 on this machine.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "ssh2";
import { Project } from "../e2e/project.ts";
import { Dockerd } from "../lab/dockerd.ts";
import { Lab } from "../lab/lab.ts";
import { Line } from "../lab/line.ts";
import { run } from "../lab/shell.ts";
import { once, report, times } from "./measure.ts";

const COUNT = 50;
const MAX_ROUND_TRIPS = 4;
const LATENCY_MS = 50;
const names = Array.from({ length: COUNT }, (_, index) => `c${index}`);

/** Prints round trips and the ratio of wall times. */
export async function bench(): Promise<void> {
  const lab = await Lab.open(1);
  const project = new Project(lab);
  try {
    const compose = (port: number, address: string) =>
      project.compose(composeFile(lab, address, port));
    compose(22, lab.host("h1").address);
    await project.succeed("up", "--yes");
    const ours = await once(() => project.succeed("up", "--yes"));
    const line = await Line.open(lab.host("h1").address, 22, LATENCY_MS);
    const handshake = await turnsOfHandshake(lab, line);
    compose(line.port, "127.0.0.1");
    // A busy machine can only add turns, of messages that nobody waits for: the least counts.
    const turns: number[] = [];
    const [slow = 0] = await times(3, async () => {
      line.turns = 0;
      await project.succeed("up", "--yes");
      turns.push(line.turns);
    });
    const trips = Math.min(...turns) - handshake;
    line.close();
    const verdict = trips <= MAX_ROUND_TRIPS ? "met" : "MISSED";
    console.log(`no-op up, ${COUNT} containers, ${LATENCY_MS} ms line: ${Math.round(slow)} ms,`);
    const aim = `(aim ${MAX_ROUND_TRIPS}: ${verdict})`;
    console.log(`  ${trips} round trips after ${handshake} of the handshake ${aim}`);
    const theirs = await ansible();
    report(`no-op, ${COUNT} containers, beside Ansible`, ours, theirs, "ms", 1 / 20);
  } finally {
    project.remove();
    await lab.close();
  }
}

function composeFile(lab: Lab, address: string, port: number): string {
  const key = lab.host("h1").publicKey();
  const connection = `host: ${address}, port: ${port}, user: root, hostKey: "${key}"`;
  const services = names.map(
    (name) => `
  ${name}:
    image: bench/busybox:1
    x-fairlead: { image: { rootfs: ./rootfs } }
    command: [sleep, "100000"]
    stop_grace_period: 1s`,
  );
  return `
name: noop
x-fairlead: { hosts: { h1: { ${connection}, privateKey: ${lab.privateKeyPath} } } }
services:${services.join("")}
`;
}

function turnsOfHandshake(lab: Lab, line: Line): Promise<number> {
  return new Promise((resolve, reject) => {
    const client = new Client();
    client.on("ready", () => {
      resolve(line.turns);
      client.end();
    });
    client.on("error", reject);
    const privateKey = readFileSync(lab.privateKeyPath);
    // As the product does it, without asking first which ways of login there are.
    const authHandler: ["publickey"] = ["publickey"];
    client.connect({
      host: "127.0.0.1",
      port: line.port,
      username: "root",
      privateKey,
      authHandler,
    });
  });
}

async function ansible(): Promise<number> {
  if (!existsSync("/usr/bin/ansible-playbook")) {
    console.log("installing ansible, the peer of this benchmark");
    const packages = ["ansible", "python3-docker"];
    execFileSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages]);
  }
  const dockerd = new Dockerd();
  try {
    await dockerd.start();
    execFileSync("sh", ["examples/hello/make-rootfs.sh"]);
    const archive = join(dockerd.folder, "rootfs.tar");
    execFileSync("tar", ["-C", "examples/hello/rootfs", "-cf", archive, "."]);
    await dockerd.docker("import", archive, "bench/busybox:1");
    const playbook = join(dockerd.folder, "play.yml");
    writeFileSync(playbook, playbookFile(dockerd.socket));
    const play = () => run("ansible-playbook", "-i", "localhost,", "-c", "local", playbook);
    await play();
    return await once(play);
  } finally {
    await dockerd.stop();
  }
}

function playbookFile(socket: string): string {
  return `
- hosts: localhost
  gather_facts: false
  vars: { ansible_python_interpreter: /usr/bin/python3 }
  tasks:
    - community.docker.docker_container:
        docker_host: unix://${socket}
        name: "{{ item }}"
        image: bench/busybox:1
        command: ["sleep", "100000"]
        state: started
      loop: [${names.join(", ")}]
`;
}
