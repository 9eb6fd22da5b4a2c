// Opens the transport that a host's fields describe.
import type { HostSpec } from "../../../resources/kinds/host/host.ts";
import { reveal, type Secret } from "../../../resources/model/secret.ts";
import { LocalTransport } from "../local/local.ts";
import type { SshSpec } from "../ssh/spec.ts";
import type { SshOptions } from "../ssh/ssh.ts";
import type { Relay, Transport } from "../transport/transport.ts";

/** Connects over SSH; for `local` there is nothing to wait for. */
export async function openTransport(
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
