// A real dockerd of this machine as the engine under test, with a client to it and a small root
// file system for images.
import { join } from "node:path";
import { HttpEngine } from "../../../../providers/engine/docker-api/http-engine.ts";
import { identifyEngine } from "../../../../providers/engine/docker-api/identify.ts";
import type { Connect } from "../../../../providers/engine/engine.ts";
import { LocalTransport } from "../../../../providers/engine/local/local.ts";
import { Dockerd } from "../../../lab/dockerd.ts";
import { makeRootfs } from "./rootfs.ts";

export { whyNoDockerd } from "../../../lab/dockerd.ts";

export class DockerEngine extends Dockerd {
  readonly kind = "docker";
  readonly rootfs = join(this.folder, "rootfs");
  #engine: HttpEngine | undefined;

  readonly connect: Connect = async () => this.engine;

  get engine(): HttpEngine {
    if (!this.#engine) throw new Error("dockerd has not been started");
    return this.#engine;
  }

  override async start(): Promise<void> {
    makeRootfs(this.rootfs);
    await super.start();
    const engine = new HttpEngine("here", new LocalTransport(), this.socket);
    await identifyEngine(engine, "docker");
    this.#engine = engine;
  }

  override async stop(): Promise<void> {
    await this.#engine?.close();
    await super.stop();
  }
}
