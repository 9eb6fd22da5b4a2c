// Host ports that several containers of one file want on one host.
import { nearest } from "../document/node.ts";
import type { Port, Service } from "../model/types.ts";
import type { Translation } from "./context.ts";
import type { Replica } from "./placement.ts";

interface Claim {
  replica: Replica;
  index: number;
  hostIp: string;
}

const EVERY = new Set(["", "0.0.0.0", "::"]);

/** Reports each host port that is wanted twice on a host. */
export function refuseClashes(
  services: Readonly<Record<string, Service>>,
  replicas: readonly Replica[],
  translation: Translation,
): void {
  const claims = new Map<string, Claim[]>();
  for (const replica of replicas) {
    for (const [index, port] of (services[replica.service]?.ports ?? []).entries()) {
      if (port.published === undefined || port.published === "0") continue;
      const claim = { replica, index, hostIp: port.host_ip ?? "" };
      const key = `${replica.host} ${port.published}/${port.protocol ?? "tcp"}`;
      const others = claims.get(key) ?? [];
      const other = others.find((one) => one.replica !== replica && overlap(one, claim));
      if (other !== undefined) report(port, claim, other, translation);
      claims.set(key, [...others, claim]);
    }
  }
}

function overlap(a: Claim, b: Claim): boolean {
  return EVERY.has(a.hostIp) || EVERY.has(b.hostIp) || a.hostIp === b.hostIp;
}

function report(port: Port, claim: Claim, other: Claim, translation: Translation): void {
  const { replica, index } = claim;
  const path = ["services", replica.service, "ports", index];
  const what = `host port ${port.published}/${port.protocol ?? "tcp"} of ${replica.host}`;
  if (other.replica.service === replica.service) {
    const hint = "Leave out the host port, or place the containers on different hosts.";
    translation.refuse(path, `${what} is wanted by several containers of this service`, hint);
    return;
  }
  const place = nearest(translation.project.tree, [
    "services",
    other.replica.service,
    "ports",
    other.index,
  ]).at;
  const where = `${other.replica.service} (${place.file}:${place.line})`;
  translation.refuse(path, `${what} is already published by ${where}`, "Choose another host port.");
}
