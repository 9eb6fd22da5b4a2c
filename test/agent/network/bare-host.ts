// Run by bare-host.test.ts in namespaces of its own, in which no program can be found: makes a
// network, opens and closes a sandbox, and prints what it saw.
import { spawnSync } from "node:child_process";
import { hostSubnets } from "../../../agent/network/host.ts";
import { formatSubnet } from "../../../agent/network/model/ip.ts";
import { Kernel } from "../../../agent/network/netlink/kernel.ts";
import { listLinks, readLinks, setLink } from "../../../agent/network/netlink/link.ts";
import { listChains, readChains } from "../../../agent/network/nftables/table.ts";
import { bridgeNetwork, endpoint, HostLab, port, request } from "./host-lab.ts";

const lab = new HostLab();
lab.run = process.argv[2] ?? "";
const kernel = new Kernel(lab.native);
const seen = async () => {
  const [links] = await kernel.route([listLinks()]);
  const [chains] = await kernel.netfilter([listChains()]);
  return {
    bridges: readLinks(links!).filter(({ kind }) => kind === "bridge").length,
    veths: readLinks(links!).filter(({ kind }) => kind === "veth").length,
    tables: [...new Set(readChains(chains!).map(({ table }) => table))],
    subnets: (await hostSubnets(kernel)).map(formatSubnet).filter((text) => text.startsWith("172")),
  };
};

await kernel.route([setLink("lo", { up: true })]);
const controller = lab.controller({ netns: undefined });
const web = request("web", { endpoints: [endpoint("front")], ports: [port("8080:80")] });
await controller.addNetwork(bridgeNetwork("front", "172.20.0.0/16"));
await controller.open(web);
const open = await seen();
const forwarding = await kernel.sysctl("net.ipv4.ip_forward");
await controller.close(web.containerId);
await controller.dismantle();
const programs = ["ip", "nft", "iptables", "sh"].map((name) => spawnSync(name).error?.message);
process.stdout.write(JSON.stringify({ programs, open, forwarding, closed: await seen() }));
