// The provider's configuration, and which host an id stands for: one connection per host, shared by
// everything that the engine asks for at the same time.

import {
  type HostInput,
  type HostSpec,
  host as hostType,
} from "../../resources/kinds/host/host.ts";
import { FairleadError } from "../../resources/model/errors.ts";
import { check } from "../../resources/model/schema.ts";
import type { EngineClient } from "../engine/engine.ts";
import { Hosts } from "../engine/hosts/hosts.ts";
import { isObject, opened, type PulumiObject, type PulumiValue, sealed } from "./value.ts";

export interface Settings {
  acceptNewHostKey: boolean;
  deleteUnreachable: boolean;
  /** Connections by host id. */
  hosts: PulumiObject;
  /** Fields of a connection for hosts that do not say their own. */
  shared: PulumiObject;
}

const NO_SETTINGS: Settings = {
  acceptNewHostKey: false,
  deleteUnreachable: false,
  hosts: {},
  shared: {},
};

/** The settings in configuration; SDKs send what is not text as JSON text. */
export function settingsOf(config: PulumiObject): Settings {
  const plain = opened(config) as PulumiObject;
  const { acceptNewHostKey, deleteUnreachable, hosts, version: _version, ...shared } = plain;
  const known = Object.entries(shared).filter(([key]) => !key.startsWith("__"));
  return {
    acceptNewHostKey: structured(acceptNewHostKey) === true,
    deleteUnreachable: structured(deleteUnreachable) === true,
    hosts: (structured(hosts) ?? {}) as PulumiObject,
    shared: Object.fromEntries(known),
  };
}

/** The connection with its one jump host as the list that it stands for. */
export function withProxies(connection: PulumiObject): PulumiObject {
  const { proxy } = connection;
  return isObject(proxy) ? { ...connection, proxy: [proxy] } : connection;
}

/** A value that may have been sent as JSON text. */
export function structured(value: PulumiValue | undefined): PulumiValue | undefined {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value) as PulumiValue;
  } catch {
    return value;
  }
}

export interface Connection {
  /** Its id, made fit for names in stacks and errors. */
  readonly name: string;
  readonly spec: HostSpec;
  /** What resources remember; sealed. */
  readonly remembered: PulumiValue;
  /** The engine as it is; a host without an agent is seen as empty. */
  connectReadOnly(signal?: AbortSignal): Promise<EngineClient>;
  /** The engine ready for work; the agent is installed or upgraded where that is needed. */
  connectAndInstall(signal?: AbortSignal): Promise<EngineClient>;
  readonly hosts: Hosts;
}

export class Connections {
  settings: Settings = NO_SETTINGS;
  readonly #declared = new Map<string, PulumiValue>();
  readonly #open = new Map<string, Connection>();
  readonly #tell: (text: string) => void;

  constructor(tell: (text: string) => void) {
    this.#tell = tell;
  }

  /** Says how the host of this id is reached from now on. */
  declare(id: string, connection: PulumiValue): void {
    this.#declared.set(id, opened(connection));
  }

  /** How a host is reached as its Host said in this run; undefined before it has. */
  declared(id: string): PulumiValue | undefined {
    const found = this.#declared.get(id) ?? this.settings.hosts[id];
    return found === undefined ? undefined : opened(found);
  }

  /** The host of an id; throws `invalid` with every problem of its connection. */
  find(id: string, said?: PulumiValue, acceptNewHostKey = false): Connection {
    const input = (said ?? this.declared(id) ?? id) as HostInput;
    const own = typeof input === "string" ? check(hostType, input, ["host"]) : input;
    const given = withoutAbsent(own) as PulumiObject;
    const fields = withProxies({ ...this.settings.shared, ...given });
    const accept = acceptNewHostKey || this.settings.acceptNewHostKey;
    const key = JSON.stringify([id, fields, accept]);
    const known = this.#open.get(key);
    if (known) return known;
    const spec = check(hostType, fields, ["connection"]);
    const name = id.replace(/[^a-zA-Z0-9_.-]+/g, "-").replace(/^[^a-zA-Z0-9]+/, "") || "host";
    const hosts = new Hosts({
      acceptNewHostKey: accept,
      ...(process.env.FAIRLEAD_BUNDLES ? { bundleFolder: process.env.FAIRLEAD_BUNDLES } : {}),
      onWarning: (host, text) => this.#tell(`${host}: ${text}`),
    });
    const made: Connection = {
      ...{ name, spec, hosts, remembered: sealed(opened(plainly(said ?? input))) },
      connectReadOnly: (signal) => hosts.connectReadOnly(name, spec, signal),
      connectAndInstall: (signal) => hosts.connectAndInstall(name, spec, signal),
    };
    this.#open.set(key, made);
    return made;
  }

  /** Ends every connection. */
  async close(): Promise<void> {
    const open = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(open.map(({ hosts }) => hosts.close()));
  }
}

/** An error that says that a host cannot be reached: never that something on it is gone. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof FairleadError && error.code === "unavailable";
}

function withoutAbsent(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined));
}

// An address as text is remembered as the connection that it stands for.
function plainly(value: HostInput | PulumiValue): PulumiValue {
  if (typeof value !== "string") return value as PulumiValue;
  return withoutAbsent(check(hostType, value, ["host"])) as PulumiObject;
}
