// One provider process and one dockerd or several, to which the suites that drive terraform attach:
// the configuration that they share, and workspaces after which nothing is left.
import { afterAll, beforeAll, describe, expect } from "vitest";
import { DockerEngine, whyNoDockerd } from "../engine/reconcile/docker-engine.ts";
import { Reattached, Workspace, whyNoTerraform } from "./workspace.ts";

export const SLOW = { timeout: 180_000 };

export class OnDocker {
  readonly engines: readonly DockerEngine[];
  readonly #provider = new Reattached();

  constructor(count: number) {
    this.engines = Array.from({ length: count }, () => new DockerEngine());
  }

  /** The first of the engines. */
  get docker(): DockerEngine {
    return this.engines[0]!;
  }

  async start(): Promise<void> {
    await Promise.all([...this.engines, this.#provider].map((one) => one.start()));
  }

  async stop(): Promise<void> {
    this.#provider.stop();
    await Promise.all(this.engines.map((one) => one.stop()));
  }

  /** Gives a folder of its own; what is made from it is destroyed, and what else is there goes. */
  async inWorkspace(work: (terraform: Workspace) => Promise<void>): Promise<void> {
    const terraform = new Workspace(this.env());
    try {
      await work(terraform);
    } finally {
      await terraform.run("destroy", "-auto-approve");
      await terraform.close();
      await Promise.all(this.engines.map((one) => this.clear(one)));
    }
  }

  /** Leads terraform to the provider that is running. */
  env(): Record<string, string> {
    return { TF_REATTACH_PROVIDERS: this.#provider.variable };
  }

  /** The host and an image on it, made from a root file system. */
  base(): string {
    return this.host(`"${this.docker.socket}"`) + this.image();
  }

  host(socket: string): string {
    return `
resource "fairlead_host" "here" {
  name    = "here"
  connect = { host = "local", engine = "docker", socket = ${socket} }
}
`;
  }

  image(name = "fairlead/made:1"): string {
    return `
resource "fairlead_image" "app" {
  host   = fairlead_host.here.id
  name   = "${name}"
  rootfs = "${this.docker.rootfs}"
  config = { command = ["sleep", "600"] }
}
`;
  }

  /** A container that is quick to make and to end. */
  container(more = "", address = "web", name = address): string {
    return `
resource "fairlead_container" "${address}" {
  host              = fairlead_host.here.id
  name              = "${name}"
  image             = fairlead_image.app.ref
  init              = true
  settle            = "10ms"
  stop_grace_period = "1s"
  ${more}
}
`;
  }

  async names(docker = this.docker): Promise<string[]> {
    return (await lines(docker, "ps", "-a", "--format", "{{.Names}}")).sort();
  }

  volumes(docker = this.docker): Promise<string[]> {
    return lines(docker, "volume", "ls", "-q");
  }

  async idOf(name: string): Promise<string> {
    const filter = ["--filter", `name=^${name}$`];
    return (await this.docker.docker("ps", "-aq", "--no-trunc", ...filter)).trim();
  }

  /** Takes away everything but images. */
  async clear(docker: DockerEngine): Promise<void> {
    const left = await lines(docker, "ps", "-aq");
    if (left.length > 0) await docker.docker("rm", "-f", ...left);
    await docker.docker("network", "prune", "-f");
    const volumes = await this.volumes(docker);
    if (volumes.length > 0) await docker.docker("volume", "rm", ...volumes);
  }
}

/** A plan that finds nothing to do; else the test shows what it said. */
export async function nothingToDo(terraform: Workspace): Promise<void> {
  const { code, text } = await terraform.plan();
  expect(code === 0 ? "" : text).toBe("");
}

/** The suite, where terraform and dockerd are there; else it says why not. */
export function describeOnDocker(title: string, tries: (on: OnDocker) => void, engines = 1): void {
  const reason = whyNoTerraform() ?? whyNoDockerd();
  if (reason) console.log(`skipped, ${title}: ${reason}`);
  describe.skipIf(reason !== undefined)(title, () => {
    const on = new OnDocker(engines);
    beforeAll(() => on.start());
    afterAll(() => on.stop());
    tries(on);
  });
}

async function lines(docker: DockerEngine, ...command: string[]): Promise<string[]> {
  return (await docker.docker(...command)).split("\n").filter(Boolean);
}
