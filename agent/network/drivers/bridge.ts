// The bridge driver: a bridge for each network, and a pair of interfaces for each endpoint.
import { open } from "node:fs/promises";
import { FairleadError } from "../../../resources/model/errors.ts";
import type {
  NetworkDriver,
  NetworkDriverEntry,
  NetworkHost,
  NewNetwork,
} from "../driver/driver.ts";
import { OptionReader } from "../driver/options.ts";
import { formatAddress, parseAddress, requireAddress, requireSubnet } from "../model/ip.ts";
import { INTERFACE_NAME_BYTES, linkAlias, macAddressFor } from "../model/names.ts";
import { type NetworkSpec, poolOf } from "../model/network.ts";
import type { EndpointRecord } from "../model/record.ts";
import type { Kernel } from "../netlink/kernel.ts";
import { addBridge, addVeth, deleteLink, type Link, setLink } from "../netlink/link.ts";
import { addAddress } from "../netlink/route.ts";
import { type BridgeSettings, bridgeRules } from "./bridge-rules.ts";
import { configureInside } from "./inside.ts";

const PREFIX = "com.docker.network.bridge.";
const OPTION = {
  name: `${PREFIX}name`,
  binding: `${PREFIX}host_binding_ipv4`,
  masquerade: `${PREFIX}enable_ip_masquerade`,
  interContainer: `${PREFIX}enable_icc`,
  mtu: "com.docker.network.driver.mtu",
  interfacePrefix: "com.docker.network.container_iface_prefix",
};
/** Options of Docker's driver that have one value here. */
const FIXED = { default_bridge: "false", inhibit_ipv4: "false" };
const FIXED_MODES = { gateway_mode_ipv4: "nat", gateway_mode_ipv6: "nat" };
const BRIDGE_DIGITS = 10;

export const bridge: NetworkDriverEntry = {
  name: "bridge",
  traits: {
    hostNamespace: false,
    interfaces: true,
    addresses: true,
    routed: true,
    publishes: true,
    resolvesNames: true,
    creatable: true,
  },
  predefined: {
    name: "bridge",
    options: (settings) => ({
      [`${PREFIX}default_bridge`]: "true",
      [OPTION.interContainer]: "true",
      [OPTION.masquerade]: "true",
      [OPTION.binding]: "0.0.0.0",
      [OPTION.mtu]: "1500",
      [OPTION.name]: (settings as BridgeSettings).name,
    }),
  },
  options: [
    ...Object.values(OPTION),
    ...Object.keys({ ...FIXED, ...FIXED_MODES }).map((key) => PREFIX + key),
  ],
  readOptions,
  isSettings(settings: Partial<BridgeSettings>) {
    return typeof settings.name === "string" && typeof settings.interfacePrefix === "string";
  },
  open: bridgeDriver,
};

function readOptions(options: Record<string, string>, network: NewNetwork): BridgeSettings {
  const reader = new OptionReader(options);
  const isName = (name: string) => NAME.test(name);
  const isPrefix = (prefix: string) => /^[a-z]{1,10}$/i.test(prefix);
  // An IPv4 link carries 68 bytes (RFC 791), an IPv6 link 1280 (RFC 8200).
  const isMtu = (mtu: string) => Number(mtu) >= (network.ipv6 ? 1280 : 68) && Number(mtu) <= 65535;
  const name = reader.text(OPTION.name, isName, "1 to 15 letters or digits");
  const mtu = reader.text(OPTION.mtu, isMtu, "a number of bytes");
  const binding = reader.take(OPTION.binding);
  const interfacePrefix = reader.text(OPTION.interfacePrefix, isPrefix, "up to 10 letters");
  for (const [key, only] of Object.entries({ ...FIXED, ...FIXED_MODES })) {
    reader.text(PREFIX + key, (value) => value === only, `only ${only}`);
  }
  const settings = {
    name: name ?? bridgeName(network),
    mtu: mtu === undefined ? 1500 : Number(mtu),
    masquerade: reader.boolean(OPTION.masquerade) ?? true,
    interContainer: reader.boolean(OPTION.interContainer) ?? true,
    hostBinding:
      binding === undefined ? "" : formatAddress(requireAddress(binding, OPTION.binding)),
    interfacePrefix: interfacePrefix ?? "eth",
  };
  reader.end("bridge");
  return settings;
}

const NAME = new RegExp(`^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,${INTERFACE_NAME_BYTES - 1}}$`);

/** `INSTANCE0` for the default bridge network, `fl-` and ten digits of the id for others. */
function bridgeName({ instance, id, predefined }: Omit<NewNetwork, "ipv6">): string {
  if (predefined) return `${instance.slice(0, INTERFACE_NAME_BYTES - 1)}0`;
  return `fl-${id.slice(0, BRIDGE_DIGITS)}`;
}

function bridgeDriver({ kernel, instance }: NetworkHost): NetworkDriver {
  const alias = linkAlias(instance);
  return {
    ensure: (network) => ensureBridge(kernel, network, alias),
    remove: async (network) => {
      const { name } = settingsOf(network);
      const link = await kernel.link(name);
      if (link?.alias === alias) await kernel.route([deleteLink(name)]);
    },
    join: async (network, endpoint, netnsPath) => {
      await attach(kernel, { network, endpoint, netnsPath, alias });
      return {};
    },
    leave: async (_, { hostInterface }) => {
      await kernel.route([deleteLink(hostInterface)]);
    },
    isWhole: async (network, { hostInterface }) => {
      const master = (await kernel.link(settingsOf(network).name))?.index;
      return (await kernel.link(hostInterface))?.master === master;
    },
    ends: ({ hostInterface }) => [hostInterface],
    links: (network) => [settingsOf(network).name],
    linksOfUnreadable: (id) =>
      [true, false].map((predefined) => bridgeName({ id, instance, predefined })),
    rules: (network, family) => bridgeRules(settingsOf(network), network, family),
    view: (network) => settingsOf(network),
  };
}

async function ensureBridge(kernel: Kernel, network: NetworkSpec, alias: string): Promise<void> {
  const { name, mtu } = settingsOf(network);
  const found = await kernel.link(name);
  if (found) refuseForeign(found, alias, network);
  else await kernel.route([addBridge(name, macAddressFor(network.id), mtu, alias)]);
  try {
    await setUpBridge(kernel, network);
  } catch (error) {
    if (!found) await kernel.route([deleteLink(name)]);
    throw error;
  }
}

async function setUpBridge(kernel: Kernel, network: NetworkSpec): Promise<void> {
  const { name, mtu } = settingsOf(network);
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
  const { name, mtu, interContainer } = settingsOf(network);
  const master = (await kernel.link(name)) ?? (await remade(kernel, network, alias));
  const host = endpoint.hostInterface;
  const netns = await open(netnsPath, "r");
  try {
    const peer = { name: endpoint.interfaceName, macAddress: endpoint.macAddress };
    await kernel.route([
      deleteLink(host),
      addVeth({
        name: host,
        macAddress: macAddressFor(`host ${endpoint.endpointId}`),
        mtu,
        master: master.index,
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
  const { name } = settingsOf(network);
  const link = await kernel.link(name);
  if (!link) throw new FairleadError("unavailable", `the bridge ${name} is missing`);
  return link;
}

function refuseForeign(link: Link, alias: string, network: NetworkSpec): void {
  if (link.kind === "bridge" && link.alias === alias) return;
  throw new FairleadError(
    "conflict",
    `the host already has an interface ${link.name} that network ${network.name} did not make`,
    { hint: "choose another com.docker.network.bridge.name, or remove the interface" },
  );
}

function settingsOf(network: NetworkSpec): BridgeSettings {
  return network.settings as BridgeSettings;
}
