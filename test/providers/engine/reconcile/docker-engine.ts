// A real dockerd of this machine as the engine under test, with a client to it and a small root
// file system for images.
import { join } from "node:path";
import * as api from "../../../../providers/engine/docker-api/docker-engine.ts";
import { HttpClient } from "../../../../providers/engine/docker-api/http-client.ts";
import { identifyEngine } from "../../../../providers/engine/docker-api/identify.ts";
import type { Connect, EngineClient } from "../../../../providers/engine/engine.ts";
import { dockerFacts } from "../../../../providers/engine/engines/docker/docker.ts";
import { LocalTransport } from "../../../../providers/engine/local/local.ts";
import { Dockerd } from "../../../lab/dockerd.ts";
import { makeRootfs } from "./rootfs.ts";

export { whyNoDockerd } from "../../../lab/dockerd.ts";

export class DockerEngine extends Dockerd {
  readonly kind = "docker";
  readonly rootfs = join(this.folder, "rootfs");
  #client: HttpClient | undefined;
  #engine: EngineClient | undefined;

  readonly connect: Connect = async () => this.engine;

  get engine(): EngineClient {
    this.#engine ??= new api.DockerEngine(this.client);
    return this.#engine;
  }

  get client(): HttpClient {
    if (!this.#client) throw new Error("dockerd has not been started");
    return this.#client;
  }

  override async start(): Promise<void> {
    makeRootfs(this.rootfs);
    await super.start();
    const client = new HttpClient("here", new LocalTransport(), this.socket);
    await identifyEngine(client, { engine: "docker", ...dockerFacts });
    this.#client = client;
  }

  override async stop(): Promise<void> {
    await this.#client?.close();
    await super.stop();
  }
}
