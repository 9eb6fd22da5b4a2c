// The host as networks find it: what it routes already, whether it forwards, who else filters.
import type { Subnet } from "./model/ip.ts";
import type { Kernel } from "./netlink/kernel.ts";
import { listLinks, readLinks } from "./netlink/link.ts";
import { listAddresses, listRoutes, readAddresses, readRoutes } from "./netlink/route.ts";
import { listChains, readChains } from "./nftables/table.ts";

/** Every subnet that the host has an address in or a route to. */
export async function hostSubnets(kernel: Kernel): Promise<Subnet[]> {
  const [addresses, four, six] = await kernel.route([
    listAddresses(),
    listRoutes(4),
    listRoutes(6),
  ]);
  return [
    ...readAddresses(addresses ?? Buffer.alloc(0)),
    ...readRoutes(four ?? Buffer.alloc(0)),
    ...readRoutes(six ?? Buffer.alloc(0)),
  ];
}

/** Lets the host pass packets between its interfaces; says so when it did not before. */
export async function enableForwarding(kernel: Kernel, six: boolean): Promise<string[]> {
  const notes: string[] = [];
  if ((await kernel.sysctl("net.ipv4.ip_forward")) !== "1") {
    await kernel.sysctls({ "net.ipv4.ip_forward": "1" });
    notes.push("net.ipv4.ip_forward was off and is now on: bridge networks need it");
  }
  const all = "net.ipv6.conf.all.forwarding";
  if (six && (await kernel.sysctl(all)) === "0") {
    await keepRouterAdvertisements(kernel);
    await kernel.sysctls({ [all]: "1" });
    notes.push(`${all} was off and is now on: networks with IPv6 need it`);
  }
  return notes;
}

/** Filters of others that drop what this host forwards, each as a warning. */
export async function foreignDrops(kernel: Kernel, instance: string): Promise<string[]> {
  const [reply] = await kernel.netfilter([listChains()]);
  return readChains(reply ?? Buffer.alloc(0))
    .filter(({ hook, policy, table }) => {
      return hook === "forward" && policy === "drop" && table !== instance;
    })
    .map(
      ({ family, table, name }) =>
        `the nftables chain "${name}" of table "${family} ${table}" drops forwarded packets by ` +
        "default: unless it accepts those of the container networks, published ports and the way " +
        "out of the containers do not work",
    );
}

/** An interface that configures itself by router advertisements stops when forwarding begins,
 * unless accept_ra is 2 (Documentation/networking/ip-sysctl, accept_ra). */
async function keepRouterAdvertisements(kernel: Kernel): Promise<void> {
  const [reply] = await kernel.route([listLinks()]);
  for (const { name } of readLinks(reply ?? Buffer.alloc(0))) {
    const key = `net/ipv6/conf/${name}/accept_ra`;
    if ((await kernel.sysctl(key)) === "1") await kernel.sysctls({ [key]: "2" });
  }
}
