// The routes that answer from the first moment on, while containers are still being taken over:
// whether an agent is there, which one, and how far it is.
import type { AgentDrivers, AgentInfo } from "../../resources/wire.ts";
import { readHostFacts } from "../objects/host.ts";
import type { Reply, Route } from "./route.ts";
import { NEWEST_API } from "./version.ts";

export interface EarlyParts {
  version: string;
  bundle: string;
  /** How far the recovery is; undefined once it is done. */
  recovering(): AgentInfo["recovering"];
  /** Undefined until they are chosen. */
  drivers(): AgentDrivers | undefined;
  unreadable(): NonNullable<AgentInfo["unreadable"]>;
}

export function earlyRoutes(parts: EarlyParts): Route[] {
  return [
    { method: "GET", path: "/_ping", handle: async () => ping("OK") },
    { method: "HEAD", path: "/_ping", handle: async () => ping("") },
    { method: "GET", path: "/fairlead/info", handle: async () => ({ body: infoOf(parts) }) },
  ];
}

async function ping(text: string): Promise<Reply> {
  return {
    headers: {
      "Builder-Version": "1",
      "Cache-Control": "no-cache, no-store, must-revalidate",
      Pragma: "no-cache",
      Swarm: "inactive",
      "Content-Type": "text/plain; charset=utf-8",
    },
    text,
  };
}

function infoOf({ version, bundle, recovering, unreadable, drivers }: EarlyParts): AgentInfo {
  const facts = readHostFacts();
  const { cgroup } = facts;
  const old = cgroup.unified === undefined ? "v1" : "hybrid";
  const count = recovering();
  const chosen = drivers();
  return {
    version,
    bundle,
    apiVersion: NEWEST_API,
    bootId: facts.bootId,
    ...(count === undefined ? {} : { recovering: count }),
    ...(chosen === undefined ? {} : { drivers: chosen }),
    unreadable: unreadable(),
    host: {
      name: facts.hostname,
      kernel: facts.kernel,
      architecture: facts.architecture,
      cpus: facts.cpus,
      memoryBytes: facts.memoryBytes,
      cgroups: cgroup.version === 2 ? "v2" : old,
    },
  };
}
