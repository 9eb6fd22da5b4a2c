// GET /events: what happened, as one JSON document per line.
import type { EventMessage } from "@docker/node-sdk";
import type { AgentEvent, EventLog } from "../objects/event.ts";
import { AGENT_HEADERS } from "./call.ts";
import { type Filters, matchesLabels, readFilters, readTime } from "./filters.ts";
import type { Call, Route } from "./route.ts";

const FILTERS = [
  "container",
  "event",
  "image",
  "label",
  "network",
  "type",
  "volume",
  "daemon",
  "scope",
  "node",
  "service",
  "plugin",
  "secret",
  "config",
];
/** A client that does not read loses its connection rather than the agent its memory. */
const BACKLOG_BYTES = 1024 * 1024;

export function eventRoutes(events: EventLog): Route[] {
  return [{ method: "GET", path: "/events", handle: (call) => stream(call, events) }];
}

async function stream(call: Call, events: EventLog): Promise<void> {
  const filters = readFilters(call.query, FILTERS);
  const since = readTime("since", call.query.get("since"));
  const until = readTime("until", call.query.get("until"));
  const { response, signal } = call;
  response.writeHead(200, { ...AGENT_HEADERS, "Content-Type": "application/json" });
  response.flushHeaders();
  const write = (event: AgentEvent) => {
    if (until !== undefined && event.timeNano > until) return;
    if (!matches(event, filters)) return;
    response.write(messageOf(event));
    if (response.writableLength > BACKLOG_BYTES) response.destroy();
  };
  if (since !== undefined) {
    for (const event of events.past()) if (event.timeNano >= since) write(event);
  }
  const leftMs = until === undefined ? undefined : Number(until / 1_000_000n) - Date.now();
  if (leftMs === undefined || leftMs > 0) {
    const stop = events.listen(write);
    await ended(signal, leftMs);
    stop();
  }
  response.end();
}

function ended(signal: AbortSignal, timeoutMs: number | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer =
      timeoutMs === undefined ? undefined : setTimeout(resolve, Math.min(timeoutMs, 2 ** 31 - 1));
    const finish = () => {
      clearTimeout(timer);
      resolve();
    };
    if (signal.aborted) finish();
    signal.addEventListener("abort", finish, { once: true });
  });
}

function matches(event: AgentEvent, filters: Filters): boolean {
  const { type, action, id, attributes } = event;
  for (const [key, wanted] of filters) {
    if (wanted.length === 0) continue;
    if (key === "type") {
      if (!wanted.includes(type)) return false;
    } else if (key === "event") {
      // `exec_start: CMD` and `health_status: healthy` match by the word before the colon too.
      if (!wanted.some((word) => action === word || action.startsWith(`${word}:`))) return false;
    } else if (key === "label") {
      if (!matchesLabels(wanted, attributes)) return false;
    } else if (key === "scope") {
      if (!wanted.includes("local")) return false;
    } else if (!matchesObject(key, wanted, { type, id, attributes })) return false;
  }
  return true;
}

/** Docker takes the beginning of an id or a name too, but for images. */
function matchesObject(
  key: string,
  wanted: readonly string[],
  event: Pick<AgentEvent, "type" | "id" | "attributes">,
): boolean {
  const { type, id, attributes } = event;
  if (key === "image") {
    const names = type === "image" ? [id, attributes.name] : [attributes.image];
    return wanted.some((word) => names.includes(word));
  }
  if (key === type) {
    return wanted.some((word) => id.startsWith(word) || attributes.name?.startsWith(word));
  }
  const other = attributes[key];
  return other !== undefined && wanted.some((word) => other.startsWith(word));
}

function messageOf(event: AgentEvent): string {
  const { type, action, id, attributes, timeNano } = event;
  // The keys before Type are those of API 1.21 and older, which clients still read.
  const from = type === "container" ? { from: attributes.image ?? "" } : {};
  const old = type === "container" || type === "image" ? { status: action, id, ...from } : {};
  const message: EventMessage = {
    Type: type,
    Action: action,
    Actor: { ID: id, Attributes: attributes },
    scope: "local",
    time: Number(timeNano / 1_000_000_000n),
  };
  // A number of JavaScript cannot hold nanoseconds, so the last key is written by hand.
  const text = JSON.stringify({ ...old, ...message });
  return `${text.slice(0, -1)},"timeNano":${timeNano}}\n`;
}
