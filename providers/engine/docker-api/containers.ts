// The verbs on containers, as requests of Docker's Engine API.
import type { Readable } from "node:stream";
import type { ContainerInspectResponse, ContainerSummary } from "@docker/node-sdk";
import type { ContainerSpec } from "../../../resources/kinds/container/container.ts";
import { updateRequest } from "../../../resources/kinds/container/docker/container.ts";
import type {
  ContainerCreateRequest,
  ContainerVerbs,
  Figures,
  ListOptions,
  LogOptions,
  Output,
  Processes,
} from "../engine.ts";
import type { DockerClient, EngineRequest } from "./client.ts";
import { createContainer } from "./creation.ts";
import { framesOf, rawOf } from "./frames.ts";
import { listQuery } from "./list-query.ts";
import { containerPath } from "./path.ts";
import { attach, execDetached, execute } from "./processes.ts";
import { Stopping } from "./stopping.ts";

/** The verbs on the containers of one host. */
export function containerVerbs(client: DockerClient): ContainerVerbs {
  const post = async (id: string, verb: string, request: Partial<EngineRequest>): Promise<void> => {
    await client.json({ method: "POST", path: containerPath(id, verb), ...request });
  };
  const stopping = new Stopping(client);
  return {
    list: (options) => list(client, options),
    inspect: (id, signal) => inspectContainer(client, id, signal),
    create: (request: ContainerCreateRequest) => createContainer(client, request),
    start: (id, signal) => post(id, "/start", { signal }),
    stop: (id, options) => stopping.stop(id, options),
    restart: (id, options) => stopping.restart(id, options),
    kill: (id, name, signal) => post(id, "/kill", { query: { signal: name }, signal }),
    pause: (id, signal) => post(id, "/pause", { signal }),
    unpause: (id, signal) => post(id, "/unpause", { signal }),
    rename: (id, name, signal) => post(id, "/rename", { query: { name }, signal }),
    update: (id: string, spec: ContainerSpec, signal) =>
      post(id, "/update", { body: updateRequest(spec), signal }),
    async remove(id, { force = false, volumes = false, signal } = {}) {
      const query = { force, v: volumes };
      await client.json({ method: "DELETE", path: containerPath(id), query, signal });
    },
    async wait(id, condition, signal) {
      const { StatusCode } = await client.json<{ StatusCode: number }>({
        ...{ method: "POST", path: containerPath(id, "/wait"), query: { condition }, signal },
        idleTimeoutMs: 0,
      });
      return StatusCode;
    },
    logs: (id, options) => logs(client, id, options),
    attach: (id, options) => attach(client, id, options),
    exec: (id, command, signal) => execute(client, id, command, signal),
    execDetached: (id, command, signal) => execDetached(client, id, command, signal),
    processes: (id, signal) =>
      client.json<Processes>({ method: "GET", path: containerPath(id, "/top"), signal }),
    figures(id, signal) {
      const query = { stream: false };
      const path = containerPath(id, "/stats");
      return client.json<Figures>({ method: "GET", path, query, signal });
    },
    ...archiveVerbs(client),
  };
}

/** Everything an engine tells of a container. */
export function inspectContainer(
  client: DockerClient,
  id: string,
  signal?: AbortSignal,
): Promise<ContainerInspectResponse> {
  return client.json({ method: "GET", path: containerPath(id, "/json"), signal });
}

async function list(
  client: DockerClient,
  { labels, all = false, signal }: ListOptions = {},
): Promise<ContainerSummary[]> {
  const query = { all, ...listQuery(labels) };
  const path = "/containers/json";
  return (await client.json<ContainerSummary[]>({ method: "GET", path, query, signal })) ?? [];
}

async function logs(
  client: DockerClient,
  id: string,
  options: LogOptions = {},
): Promise<AsyncIterable<Output>> {
  const { tail, since, until, timestamps = false, follow = false, signal } = options;
  const tty = options.tty ?? (await inspectContainer(client, id, signal)).Config?.Tty ?? false;
  const { body } = await client.stream({
    ...{ method: "GET", path: containerPath(id, "/logs"), signal },
    query: { stdout: true, stderr: true, follow, timestamps, tail: tail ?? "all", since, until },
    // A followed container may be silent for as long as it likes.
    idleTimeoutMs: follow ? 0 : options.idleTimeoutMs,
  });
  return tty ? rawOf(body) : framesOf(body);
}

function archiveVerbs(
  client: DockerClient,
): Pick<ContainerVerbs, "archiveOf" | "unpackInto" | "statInside"> {
  const at = (id: string) => containerPath(id, "/archive");
  return {
    async archiveOf(id, path, signal): Promise<Readable> {
      const query = { path };
      return (await client.stream({ method: "GET", path: at(id), query, signal })).body;
    },
    async unpackInto(id, folder, body, { keepOwners, signal }) {
      await client.json({
        ...{ method: "PUT", path: at(id), body, signal },
        query: { path: folder, ...(keepOwners ? { copyUIDGID: true } : {}) },
        headers: { "content-type": "application/x-tar" },
      });
    },
    async statInside(id, path, signal) {
      const query = { path };
      const answer = await client.stream({ method: "HEAD", path: at(id), query, signal });
      answer.body.resume();
      const text = answer.headers["x-docker-container-path-stat"] ?? "";
      return JSON.parse(Buffer.from(text, "base64").toString("utf8"));
    },
  };
}
