// A dockerd of this machine as the host of a program, for what needs no SSH: started in a second.
import { DockerEngine } from "../engine/reconcile/docker-engine.ts";
import { TestEngine } from "./engine/engine.ts";
import { Program } from "./engine/program.ts";

export { whyNoDockerd } from "../engine/reconcile/docker-engine.ts";

export class DockerHost {
  readonly docker = new DockerEngine();
  readonly engine = new TestEngine();
  readonly program = new Program();

  start(): Promise<void> {
    return this.docker.start();
  }

  async stop(): Promise<void> {
    this.program.remove();
    await this.docker.stop();
  }

  /** The program, its own or another, with a host and an image before it. */
  says(text: string, program = this.program): Program {
    const { socket, rootfs } = this.docker;
    return program.says(`
const host = new fairlead.Host("here", {
  connection: { host: "local", engine: "docker", socket: "${socket}" } });
const image = new fairlead.Image("app", { host, name: "fairlead/app:1", rootfs: "${rootfs}",
  config: { command: ["sleep", "600"] } });
const quick = { host, image, init: true, stopGracePeriod: "1s", settle: "10ms" };
${text}`);
  }

  /** Lines of `docker ps -a` and of the other lists: what is there by name. */
  async names(): Promise<string[]> {
    const list = async (...args: string[]) => (await this.docker.docker(...args)).split("\n");
    const all = [
      ...(await list("ps", "-a", "--format", "{{.Names}}")),
      ...(await list("network", "ls", "--format", "{{.Name}}")),
      ...(await list("volume", "ls", "--format", "{{.Name}}")),
    ];
    return all.filter((name) => name !== "" && !["bridge", "host", "none"].includes(name));
  }
}

/** Steps that do something. */
export function doing(steps: string[]): string[] {
  return steps.filter((step) => !step.startsWith("same")).sort();
}
