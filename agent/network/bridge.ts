// The bridge driver: a bridge for each network, and a pair of interfaces for each endpoint.
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { FairleadError } from "../../resources/model/errors.ts";
import type { NetworkDriver } from "./driver.ts";
import { parseAddress, requireSubnet } from "./ip.ts";
import type { Kernel } from "./kernel.ts";
import { addBridge, addVeth, deleteLink, type Link, setLink } from "./netlink/link.ts";
import type { KernelRequest } from "./netlink/message.ts";
import { addAddress } from "./netlink/route.ts";
import { type BridgeOptions, type NetworkSpec, poolOf } from "./network.ts";
import type { EndpointRecord } from "./sandbox.ts";

/** The mark on every interface that an instance makes, by which it finds leftovers. */
export function linkAlias(instance: string): string {
  return `fairlead instance ${instance}`;
}

export function bridgeDriver(kernel: Kernel, instance: string): NetworkDriver {
  const alias = linkAlias(instance);
  return {
    hostNamespace: false,
    ensure: (network) => ensureBridge(kernel, network, alias),
    remove: async (network) => {
      const { name } = optionsOf(network);
      const link = await kernel.link(name);
      if (link?.alias === alias) await kernel.route([deleteLink(name)]);
    },
    attach: (network, endpoint, netnsPath) =>
      attach(kernel, { network, endpoint, netnsPath, alias }),
    detach: async ({ hostInterface }) => {
      await kernel.route([deleteLink(hostInterface)]);
    },
  };
}

async function ensureBridge(kernel: Kernel, network: NetworkSpec, alias: string): Promise<void> {
  const { name, mtu } = optionsOf(network);
  const found = await kernel.link(name);
  if (found) refuseForeign(found, alias, network);
  else await kernel.route([addBridge(name, macAddress(network.id), mtu, alias)]);
  try {
    await setUpBridge(kernel, network);
  } catch (error) {
    if (!found) await kernel.route([deleteLink(name)]);
    throw error;
  }
}

async function setUpBridge(kernel: Kernel, network: NetworkSpec): Promise<void> {
  const { name, mtu } = optionsOf(network);
  const link = await kernel.link(name);
  if (!link) throw new FairleadError("internal", `the bridge ${name} went away while it was made`);
  const six = poolOf(network, 6) !== undefined;
  // Ports published on 127.0.0.1 are answered by the container, through the bridge.
  await kernel.sysctls({ [`net/ipv4/conf/${name}/route_localnet`]: "1" });
  await kernel.sysctls(
    {
      [`net/ipv6/conf/${name}/disable_ipv6`]: six ? "0" : "1",
      [`net/ipv6/conf/${name}/accept_ra`]: "0",
      [`net/ipv6/conf/${name}/accept_dad`]: "0",
    },
    { skipMissing: true },
  );
  const addresses = network.pools.flatMap((pool) => {
    const gateway = parseAddress(pool.gateway);
    const { prefixLength } = requireSubnet(pool.subnet, "subnet");
    return gateway ? [addAddress(link.index, gateway, prefixLength)] : [];
  });
  await kernel.route([...addresses, setLink(name, { mtu, up: true })]);
}

interface Attachment {
  network: NetworkSpec;
  endpoint: EndpointRecord;
  netnsPath: string;
  alias: string;
}

async function attach(kernel: Kernel, attachment: Attachment): Promise<void> {
  const { network, endpoint, netnsPath, alias } = attachment;
  const { name, mtu, interContainer } = optionsOf(network);
  const bridge = (await kernel.link(name)) ?? (await remade(kernel, network, alias));
  const host = endpoint.hostInterface;
  const netns = await open(netnsPath, "r");
  try {
    const peer = { name: endpoint.interfaceName, macAddress: endpoint.macAddress };
    await kernel.route([
      deleteLink(host),
      addVeth({
        name: host,
        macAddress: macAddress(`host ${endpoint.endpointId}`),
        mtu,
        master: bridge.index,
        peer: { ...peer, netnsFd: netns.fd },
      }),
    ]);
  } finally {
    await netns.close();
  }
  await kernel.sysctls({ [`net/ipv6/conf/${host}/disable_ipv6`]: "1" }, { skipMissing: true });
  // With br_netfilter a packet to a published port of its own sender leaves by the port it came
  // in on, which a bridge allows only on hairpin ports.
  const port = { hairpin: true, isolated: !interContainer };
  await kernel.route([setLink(host, { alias, port, up: true })]);
  await configureInside(kernel.inside(netnsPath), endpoint);
}

/** The bridge again, after somebody took it away or an earlier try to repair it failed. */
async function remade(kernel: Kernel, network: NetworkSpec, alias: string): Promise<Link> {
  await ensureBridge(kernel, network, alias);
  const { name } = optionsOf(network);
  const link = await kernel.link(name);
  if (!link) throw new FairleadError("unavailable", `the bridge ${name} is missing`);
  return link;
}

async function configureInside(kernel: Kernel, endpoint: EndpointRecord): Promise<void> {
  const { interfaceName } = endpoint;
  const six = parseAddress(endpoint.ipv6Address);
  const four = parseAddress(endpoint.ipAddress);
  await kernel.sysctls(
    {
      [`net/ipv6/conf/${interfaceName}/disable_ipv6`]: six ? "0" : "1",
      [`net/ipv6/conf/${interfaceName}/accept_ra`]: "0",
      [`net/ipv6/conf/${interfaceName}/accept_dad`]: "0",
    },
    { skipMissing: true },
  );
  const link = await kernel.link(interfaceName);
  if (!link) throw new FairleadError("internal", `the interface ${interfaceName} went away`);
  const requests: KernelRequest[] = [];
  if (four) requests.push(addAddress(link.index, four, endpoint.prefixLength));
  if (six) requests.push(addAddress(link.index, six, endpoint.ipv6PrefixLength));
  await kernel.route([...requests, setLink(interfaceName, { up: true })]);
}

function refuseForeign(link: Link, alias: string, network: NetworkSpec): void {
  if (link.kind === "bridge" && link.alias === alias) return;
  throw new FairleadError(
    "conflict",
    `the host already has an interface ${link.name} that network ${network.name} did not make`,
    { hint: "choose another com.docker.network.bridge.name, or remove the interface" },
  );
}

function optionsOf(network: NetworkSpec): BridgeOptions {
  if (!network.bridge) throw new Error(`network ${network.name} has no bridge`);
  return network.bridge;
}

/** Locally administered, and the same whenever it is asked for the same thing. */
function macAddress(of: string): string {
  const digest = createHash("sha256").update(of).digest("hex");
  return `02:42:${digest.slice(0, 8).match(/../g)?.join(":")}`;
}
