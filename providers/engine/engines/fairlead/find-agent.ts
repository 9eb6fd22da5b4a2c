// Finds out what is at a host's end: our agent, nothing, or an agent that is silent. Changes
// nothing.
import { setTimeout as sleep } from "node:timers/promises";
import { FairleadError } from "../../../../resources/model/errors.ts";
import { type HostFacts, probe } from "../../bootstrap/facts.ts";
import type { Layout } from "../../bootstrap/layout.ts";
import { type Bundle, bundleFolder, loadBundle, platformsIn } from "../../bundle/bundle.ts";
import { isNewer } from "../../bundle/version.ts";
import type { AgentState } from "../../connection/engine-kind.ts";
import type { HttpClient } from "../../docker-api/http-client.ts";
import { type AgentIdentity, identifyAgent } from "../../docker-api/identify.ts";
import { ConnectionError } from "../../ssh/connection-error.ts";

interface FindOptions {
  readonly bundleFolder?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

// A service manager starts a dead agent again after a second.
const SILENCE_MS = [500, 1000, 2000];
/** While somebody installs or upgrades, the agent is expected back. */
const CHANGE_MS = 120_000;

/**
 * Looks for the agent; rejects when the host itself cannot be reached, or another engine answers.
 */
export async function findAgent(
  client: HttpClient,
  layout: Layout,
  { bundleFolder: folder, signal }: FindOptions = {},
): Promise<AgentState> {
  // The common case costs one stream and one request: the agent is there and is ours.
  let agent = await askAgent(client, layout, signal);
  let facts: HostFacts | undefined;
  if (agent === undefined) {
    facts = await probe(client.transport, layout, signal);
    if (facts.installed === "") return vacant(facts, bundlesIn(folder)[0]);
    agent = await awaitAgent(client, layout, facts, signal);
  }
  const bundles = bundlesIn(folder);
  const offered = bundles[0]?.version;
  if (agent === undefined) return { is: "silent", running: undefined, offered, facts };
  const isOurs = bundles.some((bundle) => bundle.digest === agent.bundle);
  const otherStorage = refuseOtherStorage(client.host, layout.storage, agent);
  const stays = !otherStorage && (isOurs || isNewer(agent.version, offered ?? ""));
  const is = "answering";
  return { is, running: agent.version, offered: stays ? undefined : offered, facts };
}

/** Whether an agent must start with another storage driver; `conflict` while it has containers. */
function refuseOtherStorage(
  host: string,
  wanted: string | undefined,
  { drivers }: AgentIdentity,
): boolean {
  const storage = drivers?.storage;
  if (wanted === undefined || storage === undefined || storage.name === wanted) return false;
  const refuse = (code: "unsupported" | "conflict", message: string, hint: string) => {
    throw new FairleadError(code, `${host}: ${message}`, { path: "storage", hint });
  };
  if (!storage.names.includes(wanted)) {
    const message = `its agent has no storage driver ${JSON.stringify(wanted)}`;
    refuse("unsupported", message, `use ${storage.names.join(", ")}`);
  }
  if (storage.containers > 0) {
    const message = `${storage.containers} containers are kept by the storage driver`;
    const hint = `remove them first, or declare storage: ${storage.name}`;
    refuse("conflict", `${message} ${storage.name}, not ${wanted}`, hint);
  }
  return true;
}

/** Waits for an agent that is installed; nothing when it stays silent. */
async function awaitAgent(
  client: HttpClient,
  layout: Layout,
  facts: HostFacts,
  signal: AbortSignal | undefined,
): Promise<AgentIdentity | undefined> {
  const endsAt = Date.now() + CHANGE_MS;
  let { isChanging } = facts;
  for (let silent = 0; silent < SILENCE_MS.length; silent += isChanging ? 0 : 1) {
    await sleep(SILENCE_MS[silent], undefined, { signal });
    const agent = await askAgent(client, layout, signal);
    if (agent !== undefined) return agent;
    if (!isChanging) continue;
    const later = await probe(client.transport, layout, signal);
    isChanging = later.isChanging && Date.now() < endsAt;
  }
  return undefined;
}

async function askAgent(
  client: HttpClient,
  layout: Layout,
  signal: AbortSignal | undefined,
): Promise<AgentIdentity | undefined> {
  let found: AgentIdentity | undefined;
  try {
    found = await identifyAgent(client, signal);
  } catch (error) {
    // Only "nothing answers at the socket" counts as absence; a broken line says nothing about it.
    const unreachable = error instanceof ConnectionError && error.reason === "unreachable";
    const silent = error instanceof FairleadError && error.code === "unavailable";
    if (silent && !unreachable) return undefined;
    throw error;
  }
  if (found !== undefined) return found;
  throw new FairleadError("conflict", `${client.host}: another engine listens there`, {
    path: layout.socket,
    hint: "set the host's `engine` to docker or podman, or give another `socket`",
  });
}

function vacant(facts: HostFacts, bundle: Bundle | undefined): AgentState {
  const { version: offered, drivers } = bundle ?? {};
  return { is: "vacant", running: undefined, offered, facts, drivers };
}

function bundlesIn(folder = bundleFolder()) {
  return platformsIn(folder).map((platform) => loadBundle(folder, platform));
}
