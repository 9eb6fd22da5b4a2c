// The rules as nft(8) shows them once they are in the kernel, and kernels that cannot have them.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { NetlinkOutcome } from "../../../../agent/native/index.ts";
import {
  type PublishedPort,
  type RulesOf,
  ruleset,
} from "../../../../agent/network/driver/ruleset.ts";
import {
  type BridgeSettings,
  bridgeRules,
} from "../../../../agent/network/drivers/bridge-rules.ts";
import { parseAddress } from "../../../../agent/network/model/ip.ts";
import { type NetworkSpec, poolOf } from "../../../../agent/network/model/network.ts";
import { Kernel } from "../../../../agent/network/netlink/kernel.ts";
import { installTables } from "../../../../agent/network/nftables/install.ts";
import { bridgeNetwork, HostLab, hostOf, reasonToSkip } from "../host-lab.ts";

const bridge = (name: string) => ({ ...bridgeNetwork("x", "0.0.0.0/0").settings, name });
const SIX = { subnet: "fd00:1::/64", gateway: "fd00:1::1" };
const OPEN = bridgeNetwork("open", "172.20.0.0/16", { settings: bridge("fl-open") });
const CLOSED = bridgeNetwork("in", "172.21.0.0/16", { settings: bridge("fl-in"), internal: true });
const BOTH = { ...OPEN, pools: [...OPEN.pools, SIX] };

function rules(...networks: NetworkSpec[]): RulesOf[] {
  return networks.flatMap((network) =>
    ([4, 6] as const)
      .filter((family) => poolOf(network, family))
      .map((family) => {
        const settings = network.settings as BridgeSettings;
        return { family, rules: bridgeRules(settings, network, family) };
      }),
  );
}

function published(text: string, target: string): PublishedPort {
  const [hostIp = "", hostPort, containerPort, protocol] = text.split(" ");
  return {
    container: "web",
    protocol: protocol === "udp" ? "udp" : "tcp",
    hostIp: hostIp === "*" ? "" : hostIp,
    hostPort: Number(hostPort),
    containerPort: Number(containerPort),
    target: parseAddress(target)!,
  };
}

const PORTS = [
  published("127.0.0.1 8080 80 tcp", "172.20.0.2"),
  published("* 9002 9002 udp", "172.20.0.2"),
  published("* 9001 9001 udp", "172.20.0.2"),
  published("* 8080 80 tcp", "fd00:1::2"),
];

const EXPECTED = `table ip netlab {
 chain prerouting {
  type nat hook prerouting priority dstnat; policy accept;
  ip daddr != 127.0.0.0/8 fib daddr type local jump ports
 }
 chain output {
  type nat hook output priority -100; policy accept;
  fib daddr type local jump ports
 }
 chain ports {
  ip daddr 127.0.0.1 tcp dport 8080 dnat to 172.20.0.2:80 comment "web"
  udp dport 9001-9002 dnat to 172.20.0.2 comment "web"
 }
 chain postrouting {
  type nat hook postrouting priority srcnat; policy accept;
  ip saddr 172.20.0.0/16 oifname != "fl-open" masquerade
  ip saddr 172.20.0.0/16 oifname "fl-open" ct status dnat masquerade
  ip saddr 127.0.0.0/8 oifname "fl-open" masquerade
  ip saddr 172.21.0.0/16 oifname "fl-in" ct status dnat masquerade
  ip saddr 127.0.0.0/8 oifname "fl-in" masquerade
 }
 chain forward {
  type filter hook forward priority filter; policy accept;
  iifname "fl-in" oifname != "fl-in" drop
  oifname "fl-in" iifname != "fl-in" drop
  ct state established,related accept
  oifname "fl-open" ct status dnat accept
  oifname "fl-open" iifname != "fl-open" drop
 }
 chain guard {
  type filter hook prerouting priority raw; policy accept;
  iifname "fl-open" ip daddr 127.0.0.0/8 drop
  iifname "fl-open" ip saddr 127.0.0.0/8 drop
  iifname "fl-in" ip daddr 127.0.0.0/8 drop
  iifname "fl-in" ip saddr 127.0.0.0/8 drop
 }
}
table ip6 netlab {
 chain prerouting {
  type nat hook prerouting priority dstnat; policy accept;
  ip6 daddr != ::1 fib daddr type local jump ports
 }
 chain output {
  type nat hook output priority -100; policy accept;
  ip6 daddr != ::1 fib daddr type local jump ports
 }
 chain ports {
  tcp dport 8080 dnat to [fd00:1::2]:80 comment "web"
 }
 chain postrouting {
  type nat hook postrouting priority srcnat; policy accept;
  ip6 saddr fd00:1::/64 oifname != "fl-open" masquerade
  ip6 saddr fd00:1::/64 oifname "fl-open" ct status dnat masquerade
 }
 chain forward {
  type filter hook forward priority filter; policy accept;
  ct state established,related accept
  oifname "fl-open" ct status dnat accept
  oifname "fl-open" iifname != "fl-open" drop
 }
}
`;

describe.skipIf(reasonToSkip)(`the rules in the kernel (${reasonToSkip ?? "as root"})`, () => {
  const lab = new HostLab();
  beforeAll(() => lab.start());
  afterAll(() => lab.stop());

  test("are the networks and ports, are replaced whole, and go without a trace", async () => {
    const kernel = new Kernel(lab.native, hostOf(lab));
    const shown = async () => {
      const text = await lab.inHost("nft", "list", "ruleset");
      return text.replaceAll("\t", " ").replaceAll(/\n+/g, "\n");
    };
    await lab.inHost("nft", "add", "table", "ip", "other");
    await installTables(kernel, "netlab", ruleset("netlab", rules(OPEN), []));
    await installTables(kernel, "netlab", ruleset("netlab", rules(BOTH, CLOSED), PORTS));
    expect(await shown()).toBe(`table ip other {\n}\n${EXPECTED}`);
    await installTables(kernel, "netlab", ruleset("netlab", [], []));
    expect(await shown()).toBe("table ip other {\n}\n");
  });
});

describe("a kernel that cannot have the rules", () => {
  /** Refuses the transactions for which `refuses` gives an errno. */
  const kernelThat = (refuses: (transaction: number) => number) => {
    let transaction = 0;
    const netlink = async (): Promise<NetlinkOutcome> => {
      const errno = refuses(++transaction);
      const replies = [Buffer.alloc(0)];
      return errno === 0 ? { replies } : { replies, failure: { index: 0, errno, reason: "" } };
    };
    return new Kernel({ netlink } as unknown as Kernel["native"]);
  };
  const tables = ruleset("netlab", rules(OPEN), []);

  test.each([2, 93, 95, 97])("says so in one sentence (errno %i)", async (errno) => {
    const install = installTables(
      kernelThat(() => errno),
      "netlab",
      tables,
    );
    await expect(install).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringMatching(/^this host's kernel lacks nf_tables with NAT, which [^.]*$/),
    });
  });

  test("has the IPv4 rules when it only lacks IPv6", async () => {
    await installTables(
      kernelThat((transaction) => (transaction === 1 ? 97 : 0)),
      "x",
      tables,
    );
  });

  test("has nothing to remove", async () => {
    await installTables(
      kernelThat(() => 95),
      "netlab",
      [],
    );
  });

  test("is told from one that refuses for another reason", async () => {
    const install = installTables(
      kernelThat(() => 1),
      "netlab",
      tables,
    );
    await expect(install).rejects.toMatchObject({ name: "NativeError", errno: 1 });
  });
});
