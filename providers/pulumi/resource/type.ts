// What every resource type answers; the service turns it into protocol messages.
import type { ObservedHost } from "../../../resources/plan/observed.ts";
import { signalWithin } from "../../engine/deadline.ts";
import type { EngineClient } from "../../engine/engine.ts";
import type { Connection, Connections } from "../settings.ts";
import type { PulumiObject } from "../value.ts";
import type { Failure } from "./failure.ts";

/** What one run of the plugin shares. */
export interface Session {
  connections: Connections;
  /** Aborted when the engine says Cancel. */
  stop: AbortSignal;
  /** What the project had on a host when this run first asked. */
  observed(connection: Connection, engine: EngineClient, project: string): Promise<ObservedHost>;
  /** Names that the state knows, by URN: what else has that URN was left by a killed run. */
  known: Map<string, Set<string>>;
  tell(severity: "debug" | "info" | "warning", urn: string, text: string, passing?: boolean): void;
}

export interface CheckCall {
  urn: string;
  olds: PulumiObject;
  news: PulumiObject;
  randomSeed: Uint8Array;
  proposedName: string;
  /** The user wants no generated names. */
  mustBeNamed: boolean;
}

export interface Call {
  urn: string;
  id: string;
  /** Inputs and outputs as they are in the state; empty for what is to be made. */
  oldInputs: PulumiObject;
  olds: PulumiObject;
  news: PulumiObject;
  preview: boolean;
  timeoutMs: number;
}

export type Kind = "add" | "delete" | "update";

/** One difference at a property path. */
export interface Difference {
  path: string;
  kind: Kind;
  replaces: boolean;
  /** False for what is compared with the outputs. */
  input: boolean;
}

export interface Differences {
  list: Difference[];
  deleteBeforeReplace: boolean;
}

export interface Made {
  id: string;
  outputs: PulumiObject;
  /** Why it is there but not as it should be; the engine keeps it and tries again. */
  reasons: string[];
}

export interface ResourceHandler {
  check(
    call: CheckCall,
    session: Session,
  ):
    | { inputs: PulumiObject; failures: Failure[] }
    | Promise<{ inputs: PulumiObject; failures: Failure[] }>;
  diff(call: Call, session: Session): Promise<Differences>;
  create(call: Call, session: Session): Promise<Made>;
  update(call: Call, session: Session): Promise<Made>;
  /** Undefined when it is gone. */
  read(
    call: Call,
    session: Session,
  ): Promise<{ id: string; inputs: PulumiObject; outputs: PulumiObject } | undefined>;
  delete(call: Call, session: Session): Promise<void>;
}

/** Aborted when the operation has taken too long, or the engine says Cancel. */
export function deadline(call: Call, session: Session, defaultMs: number): AbortSignal {
  const ms = call.timeoutMs > 0 ? call.timeoutMs : defaultMs;
  return signalWithin(ms, session.stop);
}
