// The macvlan driver: containers are stations of their own on the network of a parent interface.
// Without a parent the network is internal, on a dummy interface, as Docker has it.
import { open } from "node:fs/promises";
import { FairleadError } from "../../../resources/model/errors.ts";
import { NativeError } from "../../native/index.ts";
import type { NetworkDriver, NetworkDriverEntry, NetworkHost } from "../driver/driver.ts";
import { OptionReader } from "../driver/options.ts";
import { linkAlias, macAddressFor } from "../model/names.ts";
import type { NetworkSpec } from "../model/network.ts";
import type { Kernel } from "../netlink/kernel.ts";
import { addDummy, addMacvlan, deleteLink, setLink } from "../netlink/link.ts";
import {
  ENOENT,
  EOPNOTSUPP,
  MACVLAN_MODE_BRIDGE,
  MACVLAN_MODE_PASSTHRU,
  MACVLAN_MODE_PRIVATE,
  MACVLAN_MODE_VEPA,
} from "../netlink/numbers.ts";
import { configureInside } from "./inside.ts";

interface MacvlanSettings {
  /** "" for a network of its own. */
  parent: string;
  mode: keyof typeof MODES;
}

const MODES = {
  private: MACVLAN_MODE_PRIVATE,
  vepa: MACVLAN_MODE_VEPA,
  bridge: MACVLAN_MODE_BRIDGE,
  passthru: MACVLAN_MODE_PASSTHRU,
};
const OWN_PARENT_DIGITS = 12;
const OWN_PARENT_MTU = 1500;

export const macvlan: NetworkDriverEntry = {
  name: "macvlan",
  traits: {
    hostNamespace: false,
    interfaces: true,
    addresses: true,
    routed: false,
    publishes: false,
    resolvesNames: true,
    creatable: true,
  },
  options: ["parent", "macvlan_mode"],
  readOptions(options) {
    const reader = new OptionReader(options);
    const parent =
      reader.text("parent", (name) => NAME.test(name), "the name of an interface") ?? "";
    const mode = reader.take("macvlan_mode") || "bridge";
    if (!(mode in MODES)) {
      const message = `requested macvlan mode '${mode}' is not valid, 'bridge' mode is the macvlan`;
      throw new FairleadError("invalid", `${message} driver default`, {
        path: "Options.macvlan_mode",
        hint: `use ${Object.keys(MODES).join(", ")}`,
      });
    }
    reader.end("macvlan");
    return { parent, mode };
  },
  isSettings({ parent, mode }: Partial<MacvlanSettings>) {
    return typeof parent === "string" && typeof mode === "string" && mode in MODES;
  },
  open: macvlanDriver,
};

const NAME = /^[^\s/:\0]{1,15}$/;

function macvlanDriver({ kernel, instance, networks }: NetworkHost): NetworkDriver {
  const alias = linkAlias(instance);
  return {
    async admit(network) {
      const { parent } = settingsOf(network);
      if (parent === "") return { ...network, internal: true };
      const other = networks().find((one) => settingsOf(one).parent === parent);
      if (other) {
        const message = `network ${ownParent(other)} is already using parent interface ${parent}`;
        throw new FairleadError("forbidden", message, { path: "Options.parent" });
      }
      if (parent === "lo") {
        const message = "loopback interface is not a valid macvlan parent link";
        throw new FairleadError("invalid", message, { path: "Options.parent" });
      }
      if (await kernel.link(parent)) return network;
      const message = `parent interface ${parent} was not found on the host`;
      throw new FairleadError("invalid", message, {
        path: "Options.parent",
        hint: "that of a VLAN is made with: ip link add link eth0 name eth0.10 type vlan id 10",
      });
    },
    async ensure(network) {
      if (settingsOf(network).parent !== "") return;
      const name = parentOf(network);
      if (!(await kernel.link(name))) await addOwnParent(kernel, network);
      await kernel.route([setLink(name, { alias, up: true })]);
    },
    async remove(network) {
      if (settingsOf(network).parent === "") await kernel.route([deleteLink(parentOf(network))]);
    },
    async join(network, endpoint, netnsPath) {
      const parent = await kernel.link(parentOf(network));
      if (!parent) {
        const message = `network ${network.name}: its parent interface ${parentOf(network)}`;
        throw new FairleadError("unavailable", `${message} is missing`);
      }
      const { mode } = settingsOf(network);
      const inside = kernel.inside(netnsPath);
      const { interfaceName, macAddress } = endpoint;
      const netns = await open(netnsPath, "r");
      try {
        await inside.route([deleteLink(interfaceName)]);
        // With passthru the parent's address is the only one.
        const address = mode === "passthru" ? parent.macAddress : macAddress;
        const link = { name: interfaceName, macAddress: address, mtu: parent.mtu };
        const place = { parent: parent.index, mode: MODES[mode], netnsFd: netns.fd };
        await kernel.route([addMacvlan({ ...link, ...place })]);
        await configureInside(inside, endpoint);
        return address === macAddress ? {} : { macAddress: address };
      } finally {
        await netns.close();
      }
    },
    async leave(_, { interfaceName }, netnsPath) {
      await kernel
        .inside(netnsPath)
        .route([deleteLink(interfaceName)])
        .catch(ignoreGone);
    },
    async isWhole(_, { interfaceName }, netnsPath) {
      return (await kernel.inside(netnsPath).link(interfaceName)) !== undefined;
    },
    linksOfUnreadable: (id) => [ownParent({ id })],
    links: (network) => (settingsOf(network).parent === "" ? [parentOf(network)] : []),
  };
}

async function addOwnParent(kernel: Kernel, network: NetworkSpec): Promise<void> {
  const link = { name: ownParent(network), macAddress: macAddressFor(network.id) };
  await kernel.route([addDummy({ ...link, mtu: OWN_PARENT_MTU })]).catch((error: Error) => {
    if (!(error instanceof NativeError) || error.errno !== EOPNOTSUPP) throw error;
    const message = "this host's kernel has no dummy interfaces, which a macvlan network needs";
    throw new FairleadError("unsupported", `${message} when it has no parent`, {
      path: "Options.parent",
      hint: "name a parent, or use the bridge driver with internal",
    });
  });
}

function settingsOf(network: NetworkSpec): MacvlanSettings {
  return network.settings as MacvlanSettings;
}

function parentOf(network: NetworkSpec): string {
  return settingsOf(network).parent || ownParent(network);
}

/** Docker's name for the parent of a network that names none. */
function ownParent({ id }: Pick<NetworkSpec, "id">): string {
  return `dm-${id.slice(0, OWN_PARENT_DIGITS)}`;
}

/** The namespace went before its interfaces were asked for. */
function ignoreGone(error: Error & { errno?: number }): void {
  if (error.errno !== ENOENT) throw error;
}
