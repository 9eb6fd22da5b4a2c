// What a kind of network must be able to do; bridge, host and none are behind it.
import type { NetworkSpec } from "./network.ts";
import type { EndpointRecord } from "./sandbox.ts";

export interface NetworkDriver {
  /** Whether containers of such a network stay in the host's own namespace. */
  readonly hostNamespace: boolean;
  /** Makes what the network needs on the host; calling it again repairs what is missing. */
  ensure(network: NetworkSpec): Promise<void>;
  /** Removes it; what is already gone is fine. */
  remove(network: NetworkSpec): Promise<void>;
  /** Puts an interface into a namespace, in the place of one that is there. */
  attach(network: NetworkSpec, endpoint: EndpointRecord, netnsPath: string): Promise<void>;
  /** Takes it away again; what is already gone is fine. */
  detach(endpoint: EndpointRecord): Promise<void>;
}

/** Networks host and none need nothing on the host and give no interface. */
export function plainDriver(hostNamespace: boolean): NetworkDriver {
  const nothing = async () => undefined;
  return { hostNamespace, ensure: nothing, remove: nothing, attach: nothing, detach: nothing };
}
