// Opens the transport that a host's fields describe, and knows where its engine listens.

import type { HostSpec } from "../../../resources/kinds/host/host.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import { reveal, type Secret } from "../../../resources/model/secret.ts";
import { type Layout, layoutOf } from "../bootstrap/layout.ts";
import { userLayout } from "../bootstrap/user-layout.ts";
import { LocalTransport } from "../local/local.ts";
import type { SshSpec } from "../ssh/spec.ts";
import type { SshOptions } from "../ssh/ssh.ts";
import type { Relay, Transport } from "../transport/transport.ts";

/** Which engine a host has and where it listens. */
export interface Endpoint {
  readonly engine: "fairlead" | "docker" | "podman";
  readonly socket: string;
  /** Where our agent is; also filled in when the engine is another. */
  readonly layout: Layout;
}

const SOCKETS = { docker: "/var/run/docker.sock", podman: "/run/podman/podman.sock" };

/**
 * Where the engine of a host is. `prefix` is the folder of the bundle, `/opt/fairlead` unless set.
 */
function endpointOf(spec: HostSpec, prefix?: string): Endpoint {
  const engine = spec.engine ?? "fairlead";
  const own = engine === "fairlead";
  const layout = layoutOf({ ...spec, prefix, socket: own ? spec.socket : undefined });
  return { engine, socket: own ? layout.socket : (spec.socket ?? SOCKETS[engine]), layout };
}

/** The same for the agent of an ordinary user, by asking the host; `settle` before installing. */
export async function userEndpoint(
  transport: Transport,
  spec: HostSpec,
  options: { prefix?: string | undefined; settle?: boolean; signal?: AbortSignal | undefined },
): Promise<Endpoint> {
  const { root, run, instance, socket, storage } = spec;
  const layout = await userLayout(transport, { root, run, instance, socket, storage, ...options });
  return { engine: "fairlead", socket: layout.socket, layout };
}

/** Connects, and knows where the engine is; for `local` there is nothing to wait for. */
export async function openHost(
  spec: HostSpec,
  prefix: string | undefined,
  options: SshOptions,
): Promise<{ endpoint: Endpoint; transport: Transport }> {
  if (!spec.rootless) {
    const endpoint = endpointOf(spec, prefix);
    return { endpoint, transport: await openTransport(spec, relayOf(endpoint), options) };
  }
  checkRootless(spec);
  let endpoint: Endpoint | undefined;
  const relay: Relay = (socket) => (endpoint && relayOf(endpoint)?.(socket)) ?? [];
  const transport = await openTransport({ ...spec, become: false }, relay, options);
  try {
    endpoint = await userEndpoint(transport, spec, { prefix, signal: options.signal });
    return { endpoint, transport };
  } catch (error) {
    await transport.close();
    throw error;
  }
}

function checkRootless({ engine, become, becomePassword }: HostSpec): void {
  const refuse = (path: string, hint: string) => {
    throw new FairleadError("invalid", `rootless and ${path} exclude each other`, { path, hint });
  };
  if (engine !== undefined && engine !== "fairlead") {
    refuse("engine", "for a rootless docker or podman, give its socket instead of rootless");
  }
  if (become === true) refuse("become", "leave one of them out");
  if (becomePassword !== undefined) refuse("becomePassword", "leave one of them out");
}

async function openTransport(
  spec: HostSpec,
  relay: Relay | undefined,
  options: SshOptions,
): Promise<Transport> {
  const become = { become: spec.become, becomePassword: opened(spec.becomePassword) };
  if (spec.host === "local")
    return new LocalTransport({ ...become, relay, onWait: options.onWait });
  // Cryptography takes long to load, and a plan of what is unknown or local needs none.
  const { connectSsh } = await import("../ssh/ssh.ts");
  return connectSsh(sshSpecOf(spec), { ...options, ...become, relay });
}

function relayOf(endpoint: Endpoint): Relay | undefined {
  switch (endpoint.engine) {
    case "fairlead":
      return (socket) => [
        `${endpoint.layout.prefix}/current/fairlead-runtime`,
        "dial-stdio",
        socket,
      ];
    case "docker":
      return (socket) => ["docker", "--host", `unix://${socket}`, "system", "dial-stdio"];
    case "podman":
      return undefined;
  }
}

function sshSpecOf(spec: HostSpec): SshSpec {
  return { ...hopSpec(spec), host: spec.host, proxy: spec.proxy?.map((jump) => hopSpec(jump)) };
}

type HopFields = NonNullable<HostSpec["proxy"]>[number];

// Secrets are revealed here, on their way to the handshake, and nowhere else on the client side.
function hopSpec(spec: HopFields): SshSpec {
  return {
    host: spec.host,
    user: spec.user,
    port: spec.port,
    privateKey: opened(spec.privateKey),
    privateKeyPassword: opened(spec.privateKeyPassword),
    password: opened(spec.password),
    agentSocketPath: spec.agentSocketPath,
    hostKey: spec.hostKey,
    knownHosts: spec.knownHosts,
    keepAlive: spec.keepAlive,
    dialErrorLimit: spec.dialErrorLimit,
    perDialTimeout: spec.perDialTimeout,
  };
}

/** The text of a secret that may be absent. */
export function opened(value: string | Secret | undefined): string | undefined {
  return value === undefined ? undefined : reveal(value);
}
