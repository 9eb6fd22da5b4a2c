// A published port: Compose's short text or an object, ranges spread out to single ports.
import { isIP } from "node:net";
import * as z from "zod";
import { scalar } from "../../model/schema.ts";

export interface Port {
  /** Port inside the container. */
  target: number;
  /** Port on the host; absent lets the host choose a free one. */
  published?: number;
  /** Address on the host; absent means every address. */
  hostIp?: string;
  protocol: "tcp" | "udp";
}

export interface PortInput {
  target: number | string;
  published?: number | string | undefined;
  hostIp?: string | undefined;
  protocol?: "tcp" | "udp" | undefined;
}

/** The object form with single ports, from which provider schemas are made. */
export const portShape = z.strictObject({
  target: z.int().describe("Port inside the container."),
  published: z.int().optional().describe("Port on the host; absent lets the host choose one."),
  hostIp: z.string().optional().describe("Address on the host; absent means every address."),
  protocol: z.enum(["tcp", "udp"]).optional().describe("tcp, unless udp is given."),
});

const KEYS = new Set(["target", "published", "hostIp", "protocol"]);
const MOST_IN_RANGE = 4096;

const entry = scalar<string | number | PortInput, Port[]>(
  "port",
  "text such as 8080:80, 127.0.0.1:53:53/udp or 8000-8010:8000-8010, or an object",
  (value) => {
    try {
      const input = typeof value === "object" && value !== null ? value : fromText(String(value));
      return { value: spread(input) };
    } catch (error) {
      return { problem: error instanceof Error ? error.message : String(error) };
    }
  },
);

/** Ports in normal form, sorted, without doubles; a host port that is given twice is a problem. */
export const ports = z.array(entry).transform((lists, context) => {
  const byKey = new Map<string, Port>();
  const taken = new Map<string, Port>();
  for (const port of lists.flat()) {
    byKey.set(portKey(port), port);
    if (port.published === undefined) continue;
    const place = `${port.hostIp ?? ""}:${port.published}/${port.protocol}`;
    const other = taken.get(place);
    if (other && other.target !== port.target) {
      context.issues.push({
        code: "custom",
        message: `host port ${place} is published twice, for ${other.target} and ${port.target}`,
        input: lists,
      });
      return z.NEVER;
    }
    taken.set(place, port);
  }
  return [...byKey.values()].sort((a, b) => portKey(a).localeCompare(portKey(b), "en"));
});

/** `127.0.0.1:8080:80/tcp`: how a port is named in a plan and compared. */
export function portKey(port: Port): string {
  const host = port.hostIp === undefined ? "" : `${bracketed(port.hostIp)}:`;
  const published = port.published === undefined ? "" : `${port.published}:`;
  return `${host}${published}${port.target}/${port.protocol}`;
}

// [[HOST_IP:]PUBLISHED:]TARGET[/PROTOCOL], as in the Compose Specification.
function fromText(text: string): PortInput {
  const [ports = "", protocol = "tcp", ...more] = text.split("/");
  if (more.length > 0) throw malformed(text);
  if (protocol !== "tcp" && protocol !== "udp") throw unknownProtocol(protocol);
  const match = /^(?:(?:(\[[^\]]*\]|[^:[\]]*):)?([\d-]*):)?([\d-]+)$/.exec(ports);
  if (!match) throw malformed(text);
  const [, host, published, target] = match;
  const hostIp = host?.replace(/^\[|\]$/g, "");
  return {
    target: target!,
    protocol,
    ...(published ? { published } : {}),
    ...(hostIp ? { hostIp } : {}),
  };
}

function spread(input: PortInput): Port[] {
  for (const key of Object.keys(input)) {
    if (!KEYS.has(key)) throw new Error(`there is no such field in a port: ${key}`);
  }
  const protocol = input.protocol ?? "tcp";
  if (protocol !== "tcp" && protocol !== "udp") throw unknownProtocol(protocol);
  if (input.hostIp !== undefined && isIP(input.hostIp) === 0) {
    throw new Error(`${JSON.stringify(input.hostIp)} is not an IP address`);
  }
  const targets = range(input.target);
  const published = input.published === undefined ? [] : range(input.published);
  if (published.length > 1 && targets.length > 1 && published.length !== targets.length) {
    throw new Error("the two port ranges differ in length");
  }
  if (published.length > 1 && targets.length === 1) {
    throw new Error("a range of host ports needs a range of container ports of the same length");
  }
  if (published.length === 1 && targets.length > 1) {
    throw new Error("a range of container ports needs a range of host ports of the same length");
  }
  return targets.map((target, at) => ({
    target,
    ...(published[at] === undefined ? {} : { published: published[at] }),
    ...(input.hostIp === undefined ? {} : { hostIp: input.hostIp }),
    protocol,
  }));
}

function range(value: number | string): number[] {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(String(value));
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  if (!match || first < 1 || last > 65_535 || last < first) {
    throw new Error(`${JSON.stringify(value)} is not a port from 1 to 65535, or a range of them`);
  }
  if (last - first >= MOST_IN_RANGE) throw new Error(`a range has at most ${MOST_IN_RANGE} ports`);
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

function bracketed(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}

function malformed(text: string): Error {
  return new Error(`${JSON.stringify(text.slice(0, 60))} is not a port; write HOST:CONTAINER`);
}

function unknownProtocol(protocol: unknown): Error {
  return new Error(`the protocol is tcp or udp, not ${JSON.stringify(protocol)}`);
}
