// A lab host as the host of a program: what scenarios over SSH begin with.
import { afterAll, beforeAll, describe } from "vitest";
import { Project } from "../../e2e/project.ts";
import { Lab } from "../../lab/lab.ts";
import type { Scenarios } from "./engine/outcome.ts";
import { Program } from "./engine/program.ts";
import { whatIsThere } from "./sight.ts";

export class LabProgram {
  readonly program = new Program();
  lab!: Lab;
  engine!: Scenarios;
  #project: Project | undefined;

  async open(make: () => Promise<Scenarios>): Promise<void> {
    this.lab = await Lab.open(1);
    this.#project = new Project(this.lab);
    this.engine = await make();
  }

  async close(): Promise<void> {
    this.program.remove();
    this.#project?.remove();
    await this.lab?.close();
  }

  get address(): string {
    return this.lab.host("h1").address;
  }

  /** The program with the host `web-1` and an image before it. */
  says(command: string[], text: string, connection = ""): Program {
    const { privateKeyPath, knownHostsPath } = this.lab;
    return this.program.says(`
const host = new fairlead.Host("web-1", { connection: { host: "${this.address}", user: "root",
  privateKey: "${privateKeyPath}", knownHosts: "${knownHostsPath}", ${connection} } });
const app = new fairlead.Image("app", { host, name: "app:1",
  rootfs: "${this.#project?.folder}/rootfs", config: { command: ${JSON.stringify(command)} } });
${text}`);
  }

  /** Names of everything that a program may have made. */
  names(): Promise<string[]> {
    return whatIsThere(this.lab, "h1");
  }
}

/** A suite with a lab host of its own; `why` it cannot be tried. */
export function onLab(
  title: string,
  make: () => Promise<Scenarios>,
  why: string | undefined,
  tests: (on: LabProgram) => void,
): void {
  describe.skipIf(why !== undefined)(title, { timeout: 600_000 }, () => {
    const on = new LabProgram();
    beforeAll(() => on.open(make), 240_000);
    afterAll(() => on.close());
    tests(on);
  });
}
