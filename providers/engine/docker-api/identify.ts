// Asks which engine answers at a socket, and agrees on the API version that requests carry.
import { setTimeout as sleep } from "node:timers/promises";
import { FairleadError } from "../../../resources/model/errors.ts";
import { ALL_CAPABILITIES, type EngineCapabilities } from "../../../resources/plan/observed.ts";
import { type AgentInfo, agentDrivers } from "../../../resources/wire.ts";
import { Waiting } from "../waiting.ts";
import type { EngineIdentity } from "./client.ts";
import type { HttpClient } from "./http-client.ts";

/** What an agent, perhaps an older one, says of itself; fields that it lacks are empty. */
export type AgentIdentity = Pick<AgentInfo, "version" | "bundle" | "apiVersion" | "drivers">;

/** What this client was written against; older engines get their own newest version. */
export const NEWEST_API = "1.51";
const OLDEST_API = "1.24";

/** How often an agent that takes over its containers is asked, and how long it may stand still. */
const RECOVERY_POLL_MS = 250;
const STANDSTILL_MS = 60_000;

/** Identifies our agent, once it is ready; nothing when another engine answers. */
export async function identifyAgent(
  engine: HttpClient,
  signal?: AbortSignal,
): Promise<AgentIdentity | undefined> {
  let said: Partial<AgentInfo> | undefined;
  try {
    said = await readyInfo(engine, signal);
  } catch (error) {
    if (error instanceof FairleadError && error.code === "not_found") return undefined;
    throw error;
  }
  const version = text(said?.version);
  if (version === undefined) return undefined;
  const apiVersion = lower(text(said?.apiVersion) ?? NEWEST_API, NEWEST_API);
  const drivers = agentDrivers.safeParse(said?.drivers).data;
  const bundle = text(said?.bundle) ?? "";
  const found = { version, bundle, apiVersion, ...(drivers && { drivers }) };
  engine.identify(identityOf(found));
  return found;
}

/** What an agent says when it has taken over its containers; `unavailable` when that stops. */
async function readyInfo(
  engine: HttpClient,
  signal: AbortSignal | undefined,
): Promise<Partial<AgentInfo> | undefined> {
  const waiting = new Waiting("its agent takes over its containers", engine.transport.onWait);
  let before = "";
  let movedAt = Date.now();
  try {
    for (;;) {
      const said = await engine.json<Partial<AgentInfo> | undefined>({
        ...{ method: "GET", path: "/fairlead/info", signal },
      });
      if (said?.recovering === undefined) return said;
      const { recovered, containers } = said.recovering;
      const now = `its agent takes over its containers, ${recovered} of ${containers}`;
      if (now !== before) movedAt = Date.now();
      before = now;
      if (Date.now() - movedAt > STANDSTILL_MS) {
        throw new FairleadError("unavailable", `${engine.host}: ${now}, and does not get on`, {
          path: engine.socketPath,
          hint: "look into the agent's log on the host",
        });
      }
      waiting.becomes(now);
      await sleep(RECOVERY_POLL_MS, undefined, { signal });
    }
  } finally {
    waiting.end();
  }
}

/** What is known of an engine that it does not say of itself. */
export interface SocketFacts {
  /** What gives addresses out in its networks, beside its plugins. */
  readonly addressDrivers: readonly string[];
  can(apiVersion: string): EngineCapabilities;
}

/** Identifies an engine that serves Docker's API; `unsupported` when it is too old for us. */
export async function identifyEngine(
  engine: HttpClient,
  { engine: name, addressDrivers, can }: SocketFacts & { engine: string },
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
  const version = text(said?.Version) ?? "";
  engine.identify({ engine: name, version, apiVersion, addressDrivers, can: can(apiVersion) });
}

/** Our agent, as a client knows an engine. */
export function identityOf({ version, apiVersion }: AgentIdentity): EngineIdentity {
  return { engine: "fairlead", version, apiVersion, can: ALL_CAPABILITIES };
}

function lower(a: string, b: string): string {
  const [aMajor = 0, aMinor = 0] = a.split(".").map(Number);
  const [bMajor = 0, bMinor = 0] = b.split(".").map(Number);
  return aMajor < bMajor || (aMajor === bMajor && aMinor < bMinor) ? a : b;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
