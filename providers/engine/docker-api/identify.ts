// Asks which engine answers at a socket, and agrees on the API version that requests carry.
import { FairleadError } from "../../../resources/model/errors.ts";
import { type AgentInfo, agentDrivers } from "../../../resources/wire.ts";
import type { HttpEngine } from "./http-engine.ts";

/** What an agent, perhaps an older one, says of itself; fields that it lacks are empty. */
export type AgentIdentity = Pick<AgentInfo, "version" | "bundle" | "apiVersion" | "drivers">;

/** What this client was written against; older engines get their own newest version. */
export const NEWEST_API = "1.51";
const OLDEST_API = "1.24";

/** Identifies our agent; nothing when another engine answers. */
export async function identifyAgent(
  engine: HttpEngine,
  signal?: AbortSignal,
): Promise<AgentIdentity | undefined> {
  let said: Partial<AgentInfo> | undefined;
  try {
    said = await engine.json({ method: "GET", path: "/fairlead/info", signal });
  } catch (error) {
    if (error instanceof FairleadError && error.code === "not_found") return undefined;
    throw error;
  }
  const version = text(said?.version);
  if (version === undefined) return undefined;
  const apiVersion = lower(text(said?.apiVersion) ?? NEWEST_API, NEWEST_API);
  engine.identify({ engine: "fairlead", version, apiVersion });
  const drivers = agentDrivers.safeParse(said?.drivers).data;
  return { version, bundle: text(said?.bundle) ?? "", apiVersion, ...(drivers && { drivers }) };
}

/** Identifies Docker or Podman; `unsupported` when it is too old for this client. */
export async function identifyEngine(
  engine: HttpEngine,
  kind: "docker" | "podman",
  signal?: AbortSignal,
): Promise<void> {
  const said = await engine.json<{ Version?: unknown; ApiVersion?: unknown } | undefined>({
    method: "GET",
    path: "/version",
    signal,
  });
  const newest = text(said?.ApiVersion);
  if (newest === undefined || !/^\d+\.\d+$/.test(newest)) {
    throw new FairleadError("unsupported", `${engine.host}: what answers is no container engine`, {
      path: engine.socketPath,
    });
  }
  if (lower(newest, OLDEST_API) !== OLDEST_API) {
    throw new FairleadError("unsupported", `${engine.host}: its API ${newest} is too old`, {
      path: engine.socketPath,
      hint: `an engine with API ${OLDEST_API} or newer is needed (Docker 1.12)`,
    });
  }
  const apiVersion = lower(newest, NEWEST_API);
  engine.identify({ engine: kind, version: text(said?.Version) ?? "", apiVersion });
}

function lower(a: string, b: string): string {
  const [aMajor = 0, aMinor = 0] = a.split(".").map(Number);
  const [bMajor = 0, bMinor = 0] = b.split(".").map(Number);
  return aMajor < bMajor || (aMajor === bMajor && aMinor < bMinor) ? a : b;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
