// Builds the agent from its parts and lists its routes: the one place that knows every driver.
import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { eventRoutes } from "./api/events.ts";
import type { Route } from "./api/route.ts";
import { systemRoutes } from "./api/system.ts";
import { EventLog } from "./objects/event.ts";
import { readRecord, writeRecord } from "./objects/record.ts";
import type { AgentOptions } from "./options.ts";
import { AGENT_VERSION } from "./version.ts";

export interface Agent {
  routes: Route[];
  /** Takes over what runs, and starts what should after a reboot. */
  recover(): Promise<void>;
  close(): Promise<void>;
}

/** Opens the state under `options.root`; starts nothing. */
export async function assemble(
  options: AgentOptions,
  _bundle: string,
  _report: (line: string) => void,
): Promise<Agent> {
  mkdirSync(options.root, { recursive: true, mode: 0o711 });
  mkdirSync(options.run, { recursive: true, mode: 0o711 });
  const events = new EventLog();
  const system = systemRoutes({
    version: AGENT_VERSION,
    root: options.root,
    storageDriver: "overlay",
    engineId: await engineId(options.root),
    containerCounts: () => ({ running: 0, paused: 0, stopped: 0 }),
    imageCount: async () => 0,
    listeners: () => events.listeners,
    diskUsage: async () => ({}),
  });
  return {
    routes: [...system, ...eventRoutes(events)],
    recover: async () => undefined,
    close: async () => undefined,
  };
}

async function engineId(root: string): Promise<string> {
  const path = `${root}/engine.json`;
  const known = await readRecord<{ id: string }>(path);
  if (typeof known?.id === "string") return known.id;
  const id = randomUUID();
  await writeRecord(path, { id });
  return id;
}
