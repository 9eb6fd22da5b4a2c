// Which host an id stands for, in every process that Terraform starts: from the host resource of
// the same run, from the id itself when that is an address, else from what a resource remembers.
import { setTimeout as sleep } from "node:timers/promises";
import {
  type HostInput,
  type HostSpec,
  host as hostType,
} from "../../../resources/kinds/host/host.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import { check } from "../../../resources/model/schema.ts";
import type { EngineClient } from "../../engine/engine.ts";
import { Hosts } from "../../engine/hosts/hosts.ts";
import type { Tunnel, TunnelOptions } from "../../engine/tunnel/tunnel.ts";
import { log } from "../protocol/log.ts";
import { type KeptHost, keepHost, recalledHost } from "./host-file.ts";
import type { Settings } from "./settings.ts";

/** How a host is reached, as it was declared. */
export type ConnectFields = Record<string, unknown>;

export interface Connection {
  /** The id that resources say. */
  readonly host: string;
  /** The same as a name for errors and stacks; an address is made into one. */
  readonly name: string;
  readonly spec: HostSpec;
  readonly fields: ConnectFields;
  readonly hosts: Hosts;
  /** The engine as it is; a host without an agent is seen as empty. */
  connectReadOnly(signal?: AbortSignal): Promise<EngineClient>;
  /** The engine ready for work; the agent is installed or upgraded where that is needed. */
  connectAndInstall(signal?: AbortSignal): Promise<EngineClient>;
  /** A local socket that leads to the engine. */
  tunnel(options: TunnelOptions): Promise<Tunnel>;
  /** Takes our agent off the host again. */
  uninstall(signal?: AbortSignal): Promise<void>;
}

const WAIT_MS = 10_000;
const STEP_MS = 50;

export class Connections {
  readonly #settings: Settings;
  readonly #declared = new Map<string, KeptHost>();
  readonly #open = new Map<string, Connection>();

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Says how the host of this id is reached from now on; `secrets` get into no state. */
  declare(host: string, connect: ConnectFields, secrets?: ConnectFields): void {
    const kept = { connect, ...(secrets && Object.keys(secrets).length > 0 ? { secrets } : {}) };
    this.#declared.set(host, kept);
    keepHost(host, kept);
  }

  /** The write-only fields that this run was told for a host. */
  secretsOf(host: string): ConnectFields | undefined {
    return (this.#declared.get(host) ?? recalledHost(host))?.secrets;
  }

  /** Says that there is no such host any more. */
  forget(host: string): void {
    this.#declared.delete(host);
    keepHost(host, undefined);
  }

  /** What is remembered with a resource, so that a later process finds its host. */
  fieldsOf(host: string): ConnectFields | undefined {
    return addressOf(host) === undefined ? this.#declared.get(host)?.connect : undefined;
  }

  /**
   * The host of an id. A resource that is imported may be asked for before its host, so an unknown
   * id is waited for. Throws `not_found` when nothing says what it is.
   */
  async find(host: string, remembered?: ConnectFields, waits = false): Promise<Connection> {
    const address = addressOf(host);
    if (address !== undefined) return this.#connection(host, address);
    let fields = this.#declared.get(host)?.connect ?? remembered;
    for (let waited = 0; !fields && waits && waited < WAIT_MS; waited += STEP_MS) {
      await sleep(STEP_MS);
      fields = this.#declared.get(host)?.connect;
    }
    fields ??= recalledHost(host)?.connect;
    if (fields) return this.connect(host, { ...fields, ...this.secretsOf(host) });
    throw new FairleadError("not_found", `the host ${JSON.stringify(host)} is not known`, {
      hint:
        "Give the id of a fairlead_host of this configuration, or an address: " +
        "local, unix:///path/of/engine.sock or ssh://[USER@]HOST[:PORT].",
    });
  }

  /** The host that these fields describe, under this name in errors. */
  connect(host: string, fields: ConnectFields): Connection {
    return this.#connection(host, { ...this.#settings.defaults, ...fields } as HostInput);
  }

  /** Ends every connection. */
  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map(({ hosts }) => hosts.close()));
  }

  #connection(host: string, input: HostInput): Connection {
    const spec = check(hostType, withDefaults(input, this.#settings.defaults), ["connect"]);
    const key = JSON.stringify([host, input]);
    const known = this.#open.get(key);
    if (known) return known;
    const hosts = new Hosts({
      acceptNewHostKey: this.#settings.acceptNewHostKey,
      ...(process.env.FAIRLEAD_BUNDLES ? { bundleFolder: process.env.FAIRLEAD_BUNDLES } : {}),
      onWait: (name, { what, elapsedMs }) => {
        log("info", `${name}: ${what}, ${Math.round(elapsedMs / 1000)} s`);
      },
      onWarning: (name, text) => log("warn", `${name}: ${text}`),
      onBootstrap: (name, event) => log("info", `${name}: ${JSON.stringify(event)}`),
    });
    const fields = typeof input === "string" ? {} : (input as unknown as ConnectFields);
    const name = hostName(host);
    const made: Connection = {
      ...{ host, name, spec, fields, hosts },
      connectReadOnly: (signal) => hosts.connectReadOnly(name, spec, signal),
      connectAndInstall: (signal) => hosts.connectAndInstall(name, spec, signal),
      tunnel: (options) => hosts.tunnel(name, spec, options),
      uninstall: (signal) => hosts.uninstall(name, spec, { signal }),
    };
    this.#open.set(key, made);
    return made;
  }
}

/** The address that stands in place of an id; undefined for the id of a host resource. */
export function addressOf(host: string): HostInput | undefined {
  return host === "local" || /^(ssh|unix):\/\//.test(host) ? host : undefined;
}

/** Whether an error says that a host cannot be reached, and nothing of what is on it. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof FairleadError && error.code === "unavailable";
}

/** An id or address as a name, for errors and stacks. */
export function hostName(host: string): string {
  return host.replace(/[^a-zA-Z0-9_.-]+/g, "-").replace(/^[^a-zA-Z0-9]+/, "");
}

function withDefaults(input: HostInput, defaults: ConnectFields): HostInput {
  if (typeof input !== "string" || Object.keys(defaults).length === 0) return input;
  return { ...defaults, ...check(hostType, input) } as HostInput;
}
