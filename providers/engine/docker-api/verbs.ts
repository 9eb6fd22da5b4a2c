// What a person asks of one container, image or volume of a host, in the Engine API's terms.
import type { Readable } from "node:stream";
import type { Volume } from "@docker/node-sdk";
import type { EngineAnswer, EngineClient } from "../engine.ts";

const at = (id: string, rest = "") => `/containers/${encodeURIComponent(id)}${rest}`;

/** Starts it; one that runs is fine. */
export async function start(engine: EngineClient, id: string, signal?: AbortSignal): Promise<void> {
  await engine.json({ method: "POST", path: at(id, "/start"), signal });
}

/** Sends a signal to its first process. */
export async function kill(
  engine: EngineClient,
  id: string,
  name: string,
  signal?: AbortSignal,
): Promise<void> {
  await engine.json({ method: "POST", path: at(id, "/kill"), query: { signal: name }, signal });
}

/** Freezes all its processes, or lets them go on. */
export async function pause(
  engine: EngineClient,
  id: string,
  verb: "pause" | "unpause",
  signal?: AbortSignal,
): Promise<void> {
  await engine.json({ method: "POST", path: at(id, `/${verb}`), signal });
}

/** Removes it, and its anonymous volumes when asked; one that runs only with `force`. */
export async function remove(
  engine: EngineClient,
  id: string,
  options: { force?: boolean; volumes?: boolean; signal?: AbortSignal },
): Promise<void> {
  const query = { force: options.force === true, v: options.volumes === true };
  await engine.json({ method: "DELETE", path: at(id), query, signal: options.signal });
}

/** The exit code, once it has ended; `condition` as the Engine API has it. */
export async function exitOf(
  engine: EngineClient,
  id: string,
  condition: "not-running" | "next-exit" | "removed",
  signal?: AbortSignal,
): Promise<number> {
  const { StatusCode } = await engine.json<{ StatusCode: number }>({
    ...{ method: "POST", path: at(id, "/wait"), query: { condition }, signal, idleTimeoutMs: 0 },
  });
  return StatusCode;
}

export interface Processes {
  Titles: string[];
  Processes: string[][];
}

/** Its processes, as ps(1) prints them. */
export function processes(
  engine: EngineClient,
  id: string,
  signal?: AbortSignal,
): Promise<Processes> {
  return engine.json<Processes>({ method: "GET", path: at(id, "/top"), signal });
}

/** Docker's figures, as far as they are read here. */
export interface Figures {
  cpu_stats?: {
    cpu_usage?: { total_usage?: number };
    system_cpu_usage?: number;
    online_cpus?: number;
  };
  precpu_stats?: Figures["cpu_stats"];
  memory_stats?: { usage?: number; limit?: number; stats?: Record<string, number> };
  networks?: Record<string, { rx_bytes: number; tx_bytes: number }>;
  blkio_stats?: { io_service_bytes_recursive?: { op: string; value: number }[] | null };
  pids_stats?: { current?: number };
}

/** What it uses, over about a second. */
export function figures(engine: EngineClient, id: string, signal?: AbortSignal): Promise<Figures> {
  return engine.json<Figures>({
    ...{ method: "GET", path: at(id, "/stats"), query: { stream: false }, signal },
  });
}

/** A tar of what is at a path inside of it. */
export async function archiveOf(
  engine: EngineClient,
  id: string,
  path: string,
  signal?: AbortSignal,
): Promise<Readable> {
  const query = { path };
  return (await engine.stream({ method: "GET", path: at(id, "/archive"), query, signal })).body;
}

/** Unpacks a tar in a folder inside of it. */
export async function unpackInto(
  engine: EngineClient,
  id: string,
  folder: string,
  body: Readable,
  options: { keepOwners?: boolean; signal?: AbortSignal },
): Promise<void> {
  await engine.json({
    ...{ method: "PUT", path: at(id, "/archive"), body, signal: options.signal },
    query: { path: folder, ...(options.keepOwners ? { copyUIDGID: true } : {}) },
    headers: { "content-type": "application/x-tar" },
  });
}

/** What is at a path inside of it: name, size, mode, link; `not_found` when nothing is. */
export async function statInside(
  engine: EngineClient,
  id: string,
  path: string,
  signal?: AbortSignal,
): Promise<{ name: string; mode: number }> {
  const query = { path };
  const answer = await engine.stream({ method: "HEAD", path: at(id, "/archive"), query, signal });
  answer.body.resume();
  const text = answer.headers["x-docker-container-path-stat"] ?? "";
  return JSON.parse(Buffer.from(text, "base64").toString("utf8"));
}

/** What happens to objects with a label, a JSON value a line, from now on or from `since`. */
export function events(
  engine: EngineClient,
  label: string,
  more: { since?: string | undefined; until?: string | undefined; signal?: AbortSignal },
): Promise<EngineAnswer> {
  const filters = JSON.stringify({ label: [label] });
  const query = { filters, since: more.since, until: more.until };
  return engine.stream({
    ...{ method: "GET", path: "/events", query, signal: more.signal, idleTimeoutMs: 0 },
  });
}

/** The volumes with a label. */
export async function volumesWith(
  engine: EngineClient,
  label: string,
  signal?: AbortSignal,
): Promise<Volume[]> {
  const query = { filters: JSON.stringify({ label: [label] }) };
  const found = await engine.json<{ Volumes: Volume[] | null }>({
    ...{ method: "GET", path: "/volumes", query, signal },
  });
  return found.Volumes ?? [];
}

export interface ImageFacts {
  Id: string;
  Size?: number;
  Created?: string;
  RepoTags?: string[];
}

/** An image by its id or name. */
export function imageFacts(
  engine: EngineClient,
  name: string,
  signal?: AbortSignal,
): Promise<ImageFacts> {
  return engine.json<ImageFacts>({ method: "GET", path: `/images/${name}/json`, signal });
}

/** Takes an image's name away, and the image with its last one. */
export async function removeImage(
  engine: EngineClient,
  name: string,
  signal?: AbortSignal,
): Promise<void> {
  await engine.json({ method: "DELETE", path: `/images/${name}`, signal });
}

/** Everything an engine tells of a container. */
export function inspect<T>(engine: EngineClient, id: string, signal?: AbortSignal): Promise<T> {
  return engine.json<T>({ method: "GET", path: at(id, "/json"), signal });
}
