// Takes one stack through its life on lab hosts as a user would: up, asked, up again without a
// change, edited, asked again, and down, which leaves nothing.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { hostEntry, type Outcome, Project } from "../e2e/project.ts";
import { Lab, type LabHost } from "../lab/lab.ts";
import { imageArchive } from "./image/images.ts";
import { copyTo, imagesOf, type Request, type Stack } from "./stack.ts";

const ANSWER_MS = 15_000;
// What an agent keeps, but for images and what they are made of.
const LEFT = `cd /var/lib/fairlead && ls -d containers/* volumes/* networks/* projects/*
  storage/*/* 2>/dev/null; ls /run/fairlead/shims /run/fairlead/netns 2>/dev/null
  awk '$2 ~ /fairlead|netns/ {print $2}' /proc/mounts; cut -d: -f1 /proc/net/dev; true`;

/** The lab that stacks run on: hosts with an agent and the images that the stacks name. */
export class StackLab {
  readonly lab: Lab;
  readonly #clean = new Map<string, string>();

  private constructor(lab: Lab) {
    this.lab = lab;
  }

  static async open(all: readonly Stack[]): Promise<StackLab> {
    const hosts = Math.max(...all.map(({ expected }) => expected.hosts));
    const stackLab = new StackLab(await Lab.open(hosts));
    try {
      await stackLab.#prepare(all);
      return stackLab;
    } catch (error) {
      await stackLab.close();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.lab.close();
  }

  /** Why the stack does not work; undefined when it does. It is taken down in any case. */
  async tryStack(stack: Stack): Promise<string | undefined> {
    const run = new Run(this.lab, stack);
    try {
      await run.before();
      const refused = stack.expected.refused;
      if (refused !== undefined) await run.isRefused(refused);
      else await run.live();
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    } finally {
      await run.after();
      await this.#checkClean(stack);
    }
  }

  /** What a stack left that went down is an error of its own, and does not spoil the next. */
  async left(host: LabHost): Promise<string[]> {
    const now = (await this.lab.ssh(host, LEFT)).split("\n");
    const before = new Set(this.#clean.get(host.name)?.split("\n"));
    return now.filter((line) => !before.has(line));
  }

  async #checkClean({ name }: Stack): Promise<void> {
    for (const host of this.lab.hosts) {
      const left = await this.left(host);
      if (left.length === 0) continue;
      this.#clean.set(host.name, await this.lab.ssh(host, LEFT));
      console.log(`${name} left on ${host.name}: ${left.join(" ")}`);
    }
  }

  async #prepare(all: readonly Stack[]): Promise<void> {
    const project = new Project(this.lab);
    try {
      const archive = join(project.folder, "images.tar");
      const extra = ["busybox:latest"];
      writeFileSync(archive, await imageArchive([...all.flatMap(imagesOf), ...extra]));
      for (const host of this.lab.hosts) {
        project.compose(`name: prepare
x-fairlead: { hosts: { ${hostEntry(this.lab, host)} } }
services: { first: { image: lab/first, x-fairlead: { image: { rootfs: ./rootfs } },
  command: [sleep, "1000"], network_mode: none, stop_grace_period: 0s } }
`);
        await project.succeed("up", "--yes");
        await project.succeed("down", "--yes", "--rmi", "all");
        await project.succeed("docker", "--host", host.name, "--", "load", "-i", archive);
        this.#clean.set(host.name, await this.lab.ssh(host, LEFT));
      }
    } finally {
      project.remove();
    }
  }
}

class Run {
  readonly #lab: Lab;
  readonly #stack: Stack;
  readonly #project: Project;

  constructor(lab: Lab, stack: Stack) {
    this.#lab = lab;
    this.#stack = stack;
    this.#project = new Project(lab);
    copyTo(stack, this.#project.folder);
    const entries = lab.hosts.slice(0, stack.expected.hosts).map((host) => hostEntry(lab, host));
    this.#project.write("lab.yaml", `x-fairlead: { hosts: { ${entries.join(", ")} }, host: h1 }\n`);
  }

  async before(): Promise<void> {
    for (const command of this.#stack.expected.before) await this.#docker(command);
  }

  async isRefused(sentence: string): Promise<void> {
    const { code, stderr } = await this.#fairlead("plan");
    if (code !== 0 && stderr.includes(sentence)) return;
    throw new Error(`plan is not refused with "${sentence}", but: exit ${code} ${stderr}`);
  }

  async live(): Promise<void> {
    const { requests, edit } = this.#stack.expected;
    await this.#succeed("up", "--yes", "--wait");
    await this.#isWell();
    for (const one of requests) await this.#ask(one);
    await this.#plans(0, "up again");
    if (edit !== undefined) {
      const text = this.#project.read(edit.file);
      if (!text.includes(edit.from)) throw new Error(`${edit.file} has no ${edit.from}`);
      this.#project.write(edit.file, text.replaceAll(edit.from, edit.to));
      const shown = await this.#plans(2, "the edit");
      const missing = edit.plan.filter((words) => !shown.includes(words));
      if (missing.length > 0) throw new Error(`the plan lacks ${missing.join(", ")}:\n${shown}`);
      await this.#succeed("up", "--yes", "--wait");
      await this.#isWell();
      for (const one of edit.requests) await this.#ask(one);
      await this.#plans(0, "up after the edit");
    }
    await this.#succeed("down", "--yes", "--volumes");
  }

  /** Takes everything down again; never fails. */
  async after(): Promise<void> {
    await this.#fairlead("down", "--yes", "--volumes", "--remove-orphans");
    for (const command of this.#stack.expected.after) {
      await this.#docker(command).catch((error: Error) => console.log(error.message));
    }
    this.#project.remove();
  }

  #fairlead(...args: string[]): Promise<Outcome> {
    const { files, profiles = [] } = this.#stack.expected;
    const found = files ?? ["compose.yaml"];
    return this.#project.fairlead(
      ...[...found, "lab.yaml"].flatMap((file) => ["-f", file]),
      ...profiles.flatMap((profile) => ["--profile", profile]),
      ...args,
    );
  }

  async #succeed(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.#fairlead(...args);
    if (code === 0) return stdout;
    throw new Error(`${args.join(" ")}: exit ${code}\n${stdout}${stderr}`);
  }

  async #docker(command: string): Promise<void> {
    const { code, stderr } = await this.#fairlead(
      ...["docker", "--host", "h1", "--", ...command.split(" ")],
    );
    if (code !== 0) throw new Error(`docker ${command}: ${stderr}`);
  }

  async #plans(wanted: number, what: string): Promise<string> {
    const { code, stdout, stderr } = await this.#fairlead("plan", "--detailed-exitcode");
    if (code === wanted) return stdout;
    throw new Error(`the plan of ${what}: exit ${code}\n${stdout}${stderr}`);
  }

  /** Every container runs, and is healthy where it can say so, or has done its job. */
  async #isWell(): Promise<void> {
    const rows = JSON.parse(await this.#succeed("ps", "-a", "--json")) as Row[];
    const bad = rows.filter(
      ({ state, status }) =>
        !(state === "running" && !/unhealthy|starting/.test(status)) &&
        !(state === "exited" && /\(0\)/.test(status)),
    );
    if (bad.length === 0) return;
    throw new Error(bad.map(({ name, status }) => `${name} is ${status}`).join(", "));
  }

  /** What a port of a host answers, as soon as it is what was expected. */
  async #ask({ at, expect }: Request): Promise<void> {
    const [, name = "h1", rest = ""] = /^(?:(h\d):)?(.*)$/.exec(at) ?? [];
    const url = `http://${this.#lab.host(name).address}:${rest}`;
    let answer = "";
    for (const endsAt = Date.now() + ANSWER_MS; ; ) {
      const signal = AbortSignal.timeout(5000);
      answer = await fetch(url, { signal, redirect: "manual" }).then(
        (response) => response.text(),
        (error: Error) => `${error.message}: ${(error.cause as Error | undefined)?.message}`,
      );
      if (expect.every((one) => new RegExp(one, "m").test(answer))) return;
      if (Date.now() > endsAt) break;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    throw new Error(`${at} answers ${JSON.stringify(answer)}, which is not ${expect.join(", ")}`);
  }
}

interface Row {
  name: string;
  state: string;
  status: string;
}
