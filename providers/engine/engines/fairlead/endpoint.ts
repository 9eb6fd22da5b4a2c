// Where our agent is on a host, and the connection to it.
import type { HostSpec } from "../../../../resources/kinds/host/host.ts";
import { FairleadError } from "../../../../resources/model/errors.ts";
import { type Layout, layoutOf } from "../../bootstrap/layout.ts";
import { userLayout } from "../../bootstrap/user-layout.ts";
import type { OpenOptions } from "../../connection/engine-kind.ts";
import { openTransport } from "../../connection/open.ts";
import type { Relay, Transport } from "../../transport/transport.ts";

/** Where the agent of an ordinary user is, by asking the host; `settle` before installing. */
export function userLayoutOf(
  transport: Transport,
  spec: HostSpec,
  options: { prefix?: string | undefined; settle?: boolean; signal?: AbortSignal | undefined },
): Promise<Layout> {
  const { root, run, instance, socket, storage } = spec;
  return userLayout(transport, { root, run, instance, socket, storage, ...options });
}

/** Connects, and knows where the agent is or would be. */
export async function openEndpoint(
  spec: HostSpec,
  options: OpenOptions,
): Promise<{ layout: Layout; transport: Transport }> {
  const { prefix, signal } = options;
  if (!spec.rootless) {
    const layout = layoutOf({ ...spec, prefix });
    return { layout, transport: await openTransport(spec, relayOf(layout), options) };
  }
  refuseWithRootless(spec);
  let layout: Layout | undefined;
  const relay: Relay = (socket) => (layout ? relayOf(layout)(socket) : []);
  const transport = await openTransport({ ...spec, become: false }, relay, options);
  try {
    layout = await userLayoutOf(transport, spec, { prefix, signal });
    return { layout, transport };
  } catch (error) {
    await transport.close();
    throw error;
  }
}

function refuseWithRootless({ become, becomePassword }: HostSpec): void {
  const refuse = (path: string) => {
    const hint = "leave one of them out";
    throw new FairleadError("invalid", `rootless and ${path} exclude each other`, { path, hint });
  };
  if (become === true) refuse("become");
  if (becomePassword !== undefined) refuse("becomePassword");
}

function relayOf({ prefix }: Layout): Relay {
  return (socket) => [`${prefix}/current/fairlead-runtime`, "dial-stdio", socket];
}
