// The routes of containers whose answers are streams: attach, logs, wait, stats, and resize.
import { FairleadError } from "../../resources/model/errors.ts";
import {
  type AttachOptions,
  attachContainer,
  checkAttach,
} from "../objects/container/read/attach.ts";
import { checkLogs, containerLogs } from "../objects/container/read/logs.ts";
import { containerStats } from "../objects/container/read/stats.ts";
import type { WaitCondition } from "../objects/container/state/container.ts";
import type { ContainerParts } from "../objects/container/state/parts.ts";
import { AGENT_HEADERS } from "./call.ts";
import { readFlag, readTime } from "./filters.ts";
import type { Call, Reply, Route } from "./route.ts";
import { acceptWebsocket, websocketStream } from "./websocket.ts";

const RAW = "application/vnd.docker.raw-stream";
const MULTIPLEXED = "application/vnd.docker.multiplexed-stream";
const CONDITIONS = ["not-running", "next-exit", "removed"];

export function containerStreamRoutes(parts: ContainerParts): Route[] {
  const on = (method: Route["method"], path: string, handle: StreamHandler): Route => ({
    method,
    path: `/containers/:id/${path}`,
    handle: (call) => handle(call, parts),
  });
  return [
    on("POST", "attach", attach),
    on("GET", "attach/ws", attachWebsocket),
    on("POST", "resize", resize),
    on("POST", "wait", wait),
    on("GET", "logs", logs),
    on("GET", "stats", stats),
  ];
}

// biome-ignore lint/suspicious/noConfusingVoidType: streaming handlers have nothing to return.
type StreamHandler = (call: Call, parts: ContainerParts) => Promise<Reply | void>;

/** Since 1.42 the content type tells whether the stream is framed. */
export function streamType(tty: boolean, apiVersion: number): string {
  return tty || apiVersion < 1.42 ? RAW : MULTIPLEXED;
}

/** `h` and `w` of a resize; `invalid` unless both are sizes. */
export function readSize(query: URLSearchParams): { rows: number; columns: number } {
  const read = (name: string, what: string) => {
    const text = query.get(name) ?? "";
    const number = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
    // The kernel counts in 16 bits; dockerd lets larger numbers lose their upper ones.
    if (number >= 0 && number < 2 ** 32) return number % 65_536;
    const why = Number.isNaN(number) ? "invalid syntax" : "value out of range";
    throw new FairleadError("invalid", `invalid resize ${what} ${JSON.stringify(text)}: ${why}`);
  };
  return { rows: read("h", "height"), columns: read("w", "width") };
}

async function attach(call: Call, parts: ContainerParts): Promise<void> {
  const container = parts.containers.require(call.params.id ?? "");
  const options = readAttach(call);
  checkAttach(container, options);
  const tty = container.record.config.Tty === true;
  const client = await call.hijack(streamType(tty, call.apiVersion));
  await attachContainer(container, client, options, parts);
}

/** Without frames: both streams of the output run together there. */
async function attachWebsocket(call: Call, parts: ContainerParts): Promise<void> {
  const container = parts.containers.require(call.params.id ?? "");
  const options = readAttach(call);
  checkAttach(container, options);
  const socket = await call.switchTo(acceptWebsocket(call.request.headers));
  const client = websocketStream(socket, container.record.config.Tty !== true);
  await attachContainer(container, client, options, parts);
}

function readAttach({ query }: Call): AttachOptions {
  return {
    stdin: readFlag(query, "stdin"),
    stdout: readFlag(query, "stdout"),
    stderr: readFlag(query, "stderr"),
    logs: readFlag(query, "logs"),
    stream: readFlag(query, "stream"),
    detachKeys: query.get("detachKeys") || undefined,
  };
}

async function resize(call: Call, parts: ContainerParts): Promise<Reply> {
  const container = parts.containers.require(call.params.id ?? "");
  const { rows, columns } = readSize(call.query);
  await container.requireRunning().resize(rows, columns);
  return { status: 200 };
}

async function wait(call: Call, parts: ContainerParts): Promise<void> {
  const container = parts.containers.require(call.params.id ?? "");
  const condition = call.query.get("condition") || "not-running";
  if (!CONDITIONS.includes(condition)) {
    throw new FairleadError("invalid", `invalid condition: ${JSON.stringify(condition)}`);
  }
  // The client starts the container when it has seen the headers: from here on nothing is missed.
  const exit = container.wait(condition as WaitCondition, call.signal);
  const { response } = call;
  response.writeHead(200, { ...AGENT_HEADERS, "Content-Type": "application/json" });
  response.flushHeaders();
  try {
    response.end(`${JSON.stringify({ StatusCode: await exit })}\n`);
  } catch {
    response.end();
  }
}

async function logs(call: Call, parts: ContainerParts): Promise<void> {
  const container = parts.containers.require(call.params.id ?? "");
  const { query } = call;
  const options = {
    stdout: readFlag(query, "stdout"),
    stderr: readFlag(query, "stderr"),
    timestamps: readFlag(query, "timestamps"),
    details: readFlag(query, "details"),
    follow: readFlag(query, "follow"),
    tail: readTail(query.get("tail")),
    since: readTime("since", query.get("since")),
    until: readTime("until", query.get("until")),
    signal: call.signal,
  };
  checkLogs(container, options);
  const type = streamType(container.record.config.Tty === true, call.apiVersion);
  await sendChunks(call, type, containerLogs(container, options));
}

async function stats(call: Call, parts: ContainerParts): Promise<void> {
  const container = parts.containers.require(call.params.id ?? "");
  const samples = containerStats(
    container,
    {
      stream: readFlag(call.query, "stream", true),
      oneShot: readFlag(call.query, "one-shot"),
      signal: call.signal,
    },
    parts,
  );
  const lines = async function* () {
    for await (const sample of samples) yield Buffer.from(`${JSON.stringify(sample)}\n`);
  };
  await sendChunks(call, "application/json", lines());
}

/** Sends as fast as the client reads, and stops when it leaves. */
async function sendChunks(call: Call, type: string, chunks: AsyncIterable<Buffer>): Promise<void> {
  const { response, signal } = call;
  response.writeHead(200, { ...AGENT_HEADERS, "Content-Type": type });
  response.flushHeaders();
  for await (const chunk of chunks) {
    if (signal.aborted) break;
    if (response.write(chunk)) continue;
    await new Promise<void>((resolve) => {
      const go = () => {
        response.off("drain", go);
        signal.removeEventListener("abort", go);
        resolve();
      };
      response.once("drain", go);
      signal.addEventListener("abort", go, { once: true });
    });
  }
  response.end();
}

/** `all`, nothing, or a number of lines; a negative one is all, as in Docker. */
function readTail(text: string | null): number | undefined {
  if (text === null || text === "" || text === "all") return undefined;
  const lines = Number(text);
  return Number.isInteger(lines) && lines >= 0 ? lines : undefined;
}
