// The short syntax of published ports: `[address:][host port[-end]:]port[-end][/protocol]`.
import { isIP } from "node:net";

export interface PublishedPort {
  hostIp: string;
  /** Empty: the host chooses. */
  published: string;
  target: number;
  protocol: string;
}

/** As resources/port.ts has it: each port is one that the host holds. */
const MOST_IN_RANGE = 4096;
const PROTOCOLS = ["tcp", "udp", "sctp"];

/** The ports a short form means, in the order of their text; or what is wrong with it. */
export function parsePorts(text: string): PublishedPort[] | string {
  const parts = text.split(":");
  const last = parts.pop() ?? "";
  const hostPort = parts.pop() ?? "";
  const hostIp = parts.join(":").replace(/^\[(.*)\]$/, "$1");
  const [containerPort = "", protocol = "tcp", ...rest] = last.split("/");
  if (rest.length > 0) return `${JSON.stringify(last)} is not a port`;
  if (!PROTOCOLS.includes((protocol || "tcp").toLowerCase())) return `unknown protocol ${protocol}`;
  if (hostIp !== "" && isIP(hostIp) === 0) return `${JSON.stringify(hostIp)} is not an IP address`;
  if (containerPort === "") return "no container port";
  const inside = range(containerPort);
  if (inside === undefined)
    return `${JSON.stringify(containerPort)} is not a port or a range of ports`;
  const outside = hostPort === "" ? undefined : range(hostPort);
  if (hostPort !== "" && outside === undefined) {
    return `${JSON.stringify(hostPort)} is not a port or a range of ports`;
  }
  const count = inside.end - inside.start + 1;
  if (outside !== undefined && count > 1 && outside.end - outside.start + 1 !== count) {
    return `the ranges ${hostPort} and ${containerPort} are not of the same size`;
  }
  if (count > MOST_IN_RANGE) return `a range has at most ${MOST_IN_RANGE} ports, not ${count}`;
  const ports = Array.from({ length: count }, (_, index) => ({
    hostIp,
    published: publishedText(outside, index, count),
    target: inside.start + index,
    protocol: (protocol || "tcp").toLowerCase(),
  }));
  return ports.sort((a, b) => (String(a.target) < String(b.target) ? -1 : 1));
}

interface Range {
  start: number;
  end: number;
}

function publishedText(range: Range | undefined, index: number, count: number): string {
  if (range === undefined) return "";
  const port = String(range.start + index);
  return count === 1 && range.end !== range.start ? `${port}-${range.end}` : port;
}

/** `8000` or `8000-8010`. */
export function range(text: string): Range | undefined {
  const found = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (found === null) return undefined;
  const start = Number(found[1]);
  const end = Number(found[2] ?? start);
  return start > end || end > 65535 ? undefined : { start, end };
}
