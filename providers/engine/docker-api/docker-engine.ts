// An engine that speaks Docker's Engine API: our agent, Docker, Podman. Joins the verbs of this
// folder over one client; what an engine has beyond that API is asked of its capabilities.

import type { LabelsRequest, ObserveRequest } from "../../../resources/wire.ts";
import type { EngineClient, EventOptions, ObserveOptions } from "../engine.ts";
import type { DockerClient } from "./client.ts";
import { containerVerbs } from "./containers.ts";
import { events } from "./events.ts";
import { agentInfoOf, hostInfo, platformOf } from "./host-info.ts";
import { imageVerbs } from "./images.ts";
import { networkVerbs } from "./networks.ts";
import { observe } from "./observe.ts";
import { projectFilesVerbs } from "./project-files.ts";
import { volumeVerbs } from "./volumes.ts";

export class DockerEngine implements EngineClient {
  readonly #client: DockerClient;
  readonly containers: EngineClient["containers"];
  readonly images: EngineClient["images"];
  readonly networks: EngineClient["networks"];
  readonly volumes: EngineClient["volumes"];
  readonly projectFiles: EngineClient["projectFiles"];

  constructor(client: DockerClient) {
    this.#client = client;
    this.containers = containerVerbs(client);
    this.images = imageVerbs(client);
    this.networks = networkVerbs(client);
    this.volumes = volumeVerbs(client);
    this.projectFiles = projectFilesVerbs(client);
  }

  get host() {
    return this.#client.host;
  }

  get engine() {
    return this.#client.engine;
  }

  get can() {
    return this.#client.can;
  }

  get apiVersion() {
    return this.#client.apiVersion;
  }

  get version() {
    return this.#client.version;
  }

  observe(request: Required<ObserveRequest>, options?: ObserveOptions) {
    return observe(this.#client, request, options);
  }

  async relabel(request: LabelsRequest, signal?: AbortSignal) {
    const path = "/fairlead/labels";
    await this.#client.json({ method: "POST", path, body: request, signal });
  }

  info(signal?: AbortSignal) {
    return hostInfo(this.#client, signal);
  }

  agentInfo(signal?: AbortSignal) {
    return agentInfoOf(this.#client, signal);
  }

  platform(signal?: AbortSignal) {
    return platformOf(this.#client, signal);
  }

  events(label: string, options: EventOptions) {
    return events(this.#client, label, options);
  }
}
