// A host whose engine is there already and serves Docker's API at a socket.
import type { HostSpec } from "../../../resources/kinds/host/host.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import { DockerEngine } from "../docker-api/docker-engine.ts";
import { HttpClient } from "../docker-api/http-client.ts";
import { identifyEngine, type SocketFacts } from "../docker-api/identify.ts";
import type { Relay } from "../transport/transport.ts";
import { openTunnel } from "../tunnel/tunnel.ts";
import type { OpenHost, OpenOptions } from "./engine-kind.ts";
import { openTransport } from "./open.ts";

export interface SocketEngine extends SocketFacts {
  /** What it is called. */
  readonly engine: string;
  /** Where it listens unless the host says otherwise. */
  readonly socket: string;
  /** The command on the host that joins its socket, where the SSH server forbids that. */
  readonly relay?: Relay;
}

/** Connects, and asks the engine who it is. */
export async function openAtSocket(
  name: string,
  spec: HostSpec,
  options: OpenOptions,
  { engine, relay, addressDrivers, can, socket: usual }: SocketEngine,
): Promise<OpenHost> {
  if (spec.rootless) {
    const hint = `for a rootless ${engine}, give its socket instead of rootless`;
    const message = "rootless and engine exclude each other";
    throw new FairleadError("invalid", message, { path: "engine", hint });
  }
  const socket = spec.socket ?? usual;
  const transport = await openTransport(spec, relay, options);
  const client = new HttpClient(name, transport, socket);
  try {
    await identifyEngine(client, { engine, addressDrivers, can }, options.signal);
  } catch (error) {
    await client.close();
    throw error;
  }
  const found = new DockerEngine(client);
  return {
    agent: { is: "answering", running: undefined, offered: undefined, facts: undefined },
    get roundTrips() {
      return transport.trips.count;
    },
    readOnly: () => found,
    install: async () => {},
    tunnel: (settings) => openTunnel(transport, socket, settings),
    async uninstall() {
      throw notOurs(name, engine);
    },
    close: () => client.close(),
  };
}

/** The error for an engine that we did not bring, and do not take off. */
export function notOurs(host: string, engine: string | undefined): FairleadError {
  return new FairleadError("unsupported", `${host} runs ${engine}, which is not ours`, {
    hint: "Remove it with the host's package manager.",
  });
}
