// Which ports of the host are bound by anyone, from /proc/net. Reads only.
import { readText } from "./host.ts";

interface Held {
  protocol: "tcp" | "udp";
  /** "" for every address. */
  hostIp: string;
  port: number;
}

/** TCP_LISTEN of tcp_states.h; an unconnected UDP socket is in state TCP_CLOSE. */
const LISTENING = { tcp: "0A", udp: "07" };

/** Every TCP port that listens and every UDP port that is bound. */
export function readHeldPorts(): Held[] {
  return (["tcp", "udp"] as const).flatMap((protocol) =>
    ["", "6"].flatMap((family) =>
      readText(`/proc/net/${protocol}${family}`)
        .split("\n")
        .slice(1)
        .flatMap((line) => heldBy(protocol, line)),
    ),
  );
}

function heldBy(protocol: "tcp" | "udp", line: string): Held[] {
  const [, local = "", , state] = line.trim().split(/\s+/);
  const [address = "", port = ""] = local.split(":");
  if (state !== LISTENING[protocol]) return [];
  return [
    {
      protocol,
      hostIp: /^0*$/.test(address) ? "" : ipOf(address),
      port: Number.parseInt(port, 16),
    },
  ];
}

/** The kernel prints addresses as words of the machine's byte order, which is little here. */
function ipOf(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)),
  );
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from({ length: 8 }, (_, at) =>
    (((bytes[at * 2] ?? 0) << 8) | (bytes[at * 2 + 1] ?? 0)).toString(16),
  );
  return groups.join(":").replace(/(^|:)0(:0)+(:|$)/, "::");
}
