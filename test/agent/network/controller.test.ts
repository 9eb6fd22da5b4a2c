// The network controller on a host of its own: reachability, published ports, isolation, changes.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { NetworkController } from "../../../agent/network/controller.ts";
import type { NetworkSpec } from "../../../agent/network/model/network.ts";
import {
  bridgeNetwork,
  endpoint,
  HOST_IP,
  HostLab,
  hostOf,
  idOf,
  OUTSIDE_IP,
  outsideOf,
  port,
  reasonToSkip,
  request,
} from "./host-lab.ts";

const title = `the network controller${reasonToSkip ? ` (skipped: ${reasonToSkip})` : ""}`;
const SIX = [
  { subnet: "172.24.0.0/16", gateway: "172.24.0.1" },
  { subnet: "fd00:77::/64", gateway: "fd00:77::1" },
];
const HOST: NetworkSpec = {
  id: idOf("host"),
  name: "host",
  driver: "host",
  internal: false,
  pools: [],
  nameResolution: false,
  settings: {},
};

describe.skipIf(reasonToSkip)(title, () => {
  const lab = new HostLab();
  let controller: NetworkController;
  const opened: string[] = [];
  const open = async (name: string, more: Parameters<typeof request>[1]) => {
    opened.push(name);
    const sandbox = await controller.open(request(name, more));
    return {
      ...sandbox,
      netns: sandbox.netnsPath ?? "",
      ip: sandbox.endpoints[0]?.ipAddress ?? "",
    };
  };
  const idFor = (name: string) => request(name).containerId;
  const names = (network: string) => readFile(`${lab.run}/hosts/${idOf(network)}`, "utf8");

  beforeAll(async () => {
    await lab.start();
    controller = lab.controller();
    await controller.addNetwork(bridgeNetwork("front", "172.20.0.0/16"));
    await controller.addNetwork(bridgeNetwork("back", "172.21.0.0/16"));
    await controller.addNetwork(bridgeNetwork("closed", "172.22.0.0/16", { internal: true }));
    await controller.addNetwork(bridgeNetwork("six", "172.24.0.0/16", { pools: SIX }));
    await controller.addNetwork(HOST);
    await controller.addNetwork({ ...HOST, id: idOf("none"), name: "none", driver: "none" });
  });
  afterEach(async () => {
    for (const name of opened.splice(0)) await controller.close(idFor(name));
  });
  afterAll(async () => {
    await controller.dismantle();
    await lab.stop();
  });

  test("containers of a network reach each other, the host and what lies behind it", async () => {
    const a = await open("a", { endpoints: [endpoint("front")] });
    const b = await open("b", { endpoints: [endpoint("front")] });
    expect([a.ip, b.ip]).toEqual(["172.20.0.2", "172.20.0.3"]);
    await lab.serve(a.netns, "tcp", 80, "a");
    await lab.serve(outsideOf(lab), "tcp", 81, "outside");
    expect(await lab.ask(b.netns, "tcp", a.ip, 80)).toBe("a saw 172.20.0.3");
    expect(await lab.ask(hostOf(lab), "tcp", a.ip, 80)).toBe("a saw 172.20.0.1");
    expect(await lab.ask(b.netns, "tcp", OUTSIDE_IP, 81)).toBe(`outside saw ${HOST_IP}`);
  });

  test("a published port answers from everywhere, by every address of the host", async () => {
    const web = await open("web", {
      endpoints: [endpoint("front")],
      ports: [port("8080:80"), port("5353:53", "udp"), port("127.0.0.1:8081:80")],
    });
    const near = await open("near", { endpoints: [endpoint("front")] });
    const far = await open("far", { endpoints: [endpoint("back")] });
    await lab.serve(web.netns, "tcp", 80, "web");
    await lab.serve(web.netns, "udp", 53, "web");
    const cases: [string, string, string, string, number, string][] = [
      ["the host by localhost", hostOf(lab), "tcp", "127.0.0.1", 8080, "web saw 172.20.0.1"],
      ["the host by its address", hostOf(lab), "tcp", HOST_IP, 8080, `web saw ${HOST_IP}`],
      ["outside", outsideOf(lab), "tcp", HOST_IP, 8080, `web saw ${OUTSIDE_IP}`],
      ["outside by udp", outsideOf(lab), "udp", HOST_IP, 5353, `web saw ${OUTSIDE_IP}`],
      ["localhost by udp", hostOf(lab), "udp", "127.0.0.1", 5353, "web saw 172.20.0.1"],
      ["itself", web.netns, "tcp", HOST_IP, 8080, "web saw 172.20.0.1"],
      ["a neighbour", near.netns, "tcp", HOST_IP, 8080, "web saw 172.20.0.1"],
      ["a neighbour by the gateway", near.netns, "tcp", "172.20.0.1", 8080, "web saw 172.20.0.1"],
      ["another network", far.netns, "tcp", HOST_IP, 8080, "web saw 172.20.0.1"],
      ["localhost, bound to it", hostOf(lab), "tcp", "127.0.0.1", 8081, "web saw 172.20.0.1"],
      ["outside, bound to localhost", outsideOf(lab), "tcp", HOST_IP, 8081, "ECONNREFUSED"],
    ];
    for (const [from, netns, protocol, ip, number, expected] of cases) {
      expect([from, await lab.ask(netns, protocol, ip, number)]).toEqual([from, expected]);
    }
    await controller.close(idFor("web"));
    expect(await lab.ask(hostOf(lab), "tcp", "127.0.0.1", 8080)).toBe("ECONNREFUSED");
  });

  test("a udp client that asked too early or asked an earlier container gets answers", async () => {
    const nagging = lab.ask(outsideOf(lab), "udp", HOST_IP, 5354, "nag");
    await sleep(400);
    const dns = { endpoints: [endpoint("front")], ports: [port("5354:53", "udp")] };
    const first = await open("dns", dns);
    await lab.serve(first.netns, "udp", 53, "first");
    expect(await nagging).toBe(`first saw ${OUTSIDE_IP}`);
    await controller.close(idFor("dns"));
    const again = lab.ask(outsideOf(lab), "udp", HOST_IP, 5354, "nag");
    await sleep(400);
    const second = await open("dns", dns);
    await lab.serve(second.netns, "udp", 53, "second");
    expect(await again).toBe(`second saw ${OUTSIDE_IP}`);
  });

  const closing = "-p tcp -m conntrack --ctorigdstport 8088 -j REJECT --reject-with tcp-reset";
  const chain = "type filter hook forward priority -10";
  const close = "meta l4proto tcp ct original proto-dst 8088 reject with tcp reset";
  const OWN_RULES: [tool: string, add: string, remove: string][] = [
    ["nft", `table ip admin { chain own { ${chain}; ${close}; }; }`, "delete table ip admin"],
    ["iptables-nft", `-I FORWARD ${closing}`, `-D FORWARD ${closing}`],
    ["iptables-legacy", `-I FORWARD ${closing}`, `-D FORWARD ${closing}`],
  ];
  for (const [tool, add, remove] of OWN_RULES) {
    const absent = !["/usr/sbin", "/sbin"].some((folder) => existsSync(`${folder}/${tool}`));
    const why = absent ? ` (skipped: ${tool} is not installed)` : "";
    test.skipIf(absent)(
      `the host's own rules by ${tool} close a port, and stay${why}`,
      async () => {
        const ports = [port("8088:80"), port("8089:80")];
        const web = await open("web", { endpoints: [endpoint("front")], ports });
        await lab.serve(web.netns, "tcp", 80, "web");
        const asked = (number: number) => lab.ask(outsideOf(lab), "tcp", HOST_IP, number);
        const seen = async () => [await asked(8088), await asked(8089)];
        const answer = `web saw ${OUTSIDE_IP}`;
        await lab.inHost(tool, ...add.split(" "));
        try {
          expect(await seen()).toEqual(["ECONNREFUSED", answer]);
          await open("another", { endpoints: [endpoint("front")], ports: [port("8090:80")] });
          expect(await seen()).toEqual(["ECONNREFUSED", answer]);
        } finally {
          await lab.inHost(tool, ...remove.split(" "));
        }
        expect(await seen()).toEqual([answer, answer]);
      },
    );
  }

  test("networks are closed to each other, and internal ones to the world", async () => {
    const a = await open("a", { endpoints: [endpoint("front")] });
    const b = await open("b", { endpoints: [endpoint("back")] });
    const inner = await open("inner", { endpoints: [endpoint("closed")] });
    const beside = await open("beside", { endpoints: [endpoint("closed")] });
    await lab.ip(lab.outside, `route replace 172.16.0.0/12 via ${HOST_IP}`);
    await lab.serve(a.netns, "tcp", 80, "a");
    await lab.serve(inner.netns, "tcp", 80, "inner");
    await lab.serve(outsideOf(lab), "tcp", 82, "outside");
    await lab.serve(hostOf(lab), "tcp", 83, "host", "127.0.0.1");
    const cases: [string, string, string, number, string][] = [
      ["another network", b.netns, a.ip, 80, "nothing"],
      ["outside, by a route to the container", outsideOf(lab), a.ip, 80, "nothing"],
      ["a neighbour in an internal network", beside.netns, inner.ip, 80, "inner saw 172.22.0.3"],
      ["another network to an internal one", a.netns, inner.ip, 80, "nothing"],
      ["an internal network to the world", inner.netns, OUTSIDE_IP, 82, "ENETUNREACH"],
    ];
    const answers = cases.map(([, netns, ip, number]) => lab.ask(netns, "tcp", ip, number));
    const found = await Promise.all(answers);
    expect(cases.map(([from], at) => [from, found[at]])).toEqual(
      cases.map(([from, , , , expected]) => [from, expected]),
    );
    await lab.inContainer(a.netns, "ip", "route", "add", "127.9.9.0/24", "via", "172.20.0.1");
    expect(await lab.ask(a.netns, "tcp", "127.9.9.9", 83)).not.toMatch(/^host/);
  });

  test("a network with IPv6 has it inside, outward and on published ports", async () => {
    const web = await open("web6", { endpoints: [endpoint("six")], ports: [port("8086:80")] });
    const peer = await open("peer6", { endpoints: [endpoint("six", { ipv6: "fd00:77::99" })] });
    expect(web.endpoints[0]).toMatchObject({ ipv6Address: "fd00:77::2", ipv6PrefixLength: 64 });
    await lab.serve(web.netns, "tcp", 80, "web6", "::");
    await lab.serve(outsideOf(lab), "tcp", 86, "outside", "::");
    expect(await lab.ask(peer.netns, "tcp", "fd00:77::2", 80)).toBe("web6 saw fd00:77::99");
    expect(await lab.ask(outsideOf(lab), "tcp", "2001:db8::1", 8086)).toBe("web6 saw 2001:db8::2");
    expect(await lab.ask(outsideOf(lab), "tcp", HOST_IP, 8086)).toBe(`web6 saw ${OUTSIDE_IP}`);
    expect(await lab.ask(peer.netns, "tcp", "2001:db8::1", 8086)).toBe("web6 saw fd00:77::1");
    expect(await lab.ask(peer.netns, "tcp", "2001:db8::2", 86)).toBe("outside saw 2001:db8::1");
  });

  test("joining and leaving a network moves addresses, names, route and ports", async () => {
    const sandbox = await open("mover", {
      endpoints: [endpoint("closed", { aliases: ["quiet"] })],
      ports: [port("8087:80")],
    });
    await lab.serve(sandbox.netns, "tcp", 80, "mover");
    expect(sandbox.ports).toEqual([]);
    expect(await names("closed")).toContain(
      `172.22.0.4 mover.closed mover ${idFor("mover").slice(0, 12)} quiet ` +
        `${idFor("mover").slice(0, 12)}.closed quiet.closed`,
    );
    const joined = await controller.connect(
      idFor("mover"),
      endpoint("back", { aliases: ["loud"] }),
    );
    expect(joined.endpoints.map(({ interfaceName }) => interfaceName)).toEqual(["eth0", "eth1"]);
    expect(joined.ports).toEqual([port("8087:80")]);
    expect(await lab.ask(outsideOf(lab), "tcp", HOST_IP, 8087)).toBe(`mover saw ${OUTSIDE_IP}`);
    await controller.rename(idFor("mover"), "renamed");
    const short = idFor("mover").slice(0, 12);
    expect(await names("back")).toMatch(
      new RegExp(
        `^172\\.21\\.0\\.\\d+ renamed\\.back renamed ${short} mover loud ` +
          `${short}\\.back mover\\.back loud\\.back\n$`,
      ),
    );
    const left = await controller.disconnect(idFor("mover"), "back");
    expect(left.ports).toEqual([]);
    expect(await names("back")).toBe("");
    expect(await lab.ask(outsideOf(lab), "tcp", HOST_IP, 8087)).toBe("ECONNREFUSED");
    expect(await lab.inContainer(sandbox.netns, "ip", "link")).not.toContain("eth1");
  });

  test("host and none stand alone: the host's own namespace, or one with only lo", async () => {
    const onHost = await open("on-host", { endpoints: [endpoint("host")] });
    expect([onHost.netnsPath, onHost.endpoints[0]?.networkName]).toEqual([undefined, "host"]);
    const alone = await open("alone", { endpoints: [endpoint("none")] });
    const links = await lab.inContainer(alone.netns, "ip", "-o", "link", "show", "up");
    expect(links.trim().split("\n")).toHaveLength(1);
    expect(await controller.connect(idFor("alone"), endpoint("front"))).toMatchObject({
      endpoints: [{ networkName: "front" }],
    });
  });

  test("a container gets the sysctls it asked for", async () => {
    const sysctls = { "net.ipv4.conf.eth0.rp_filter": "2", "net.core.somaxconn": "77" };
    const { netns } = await open("tuned", { endpoints: [endpoint("front")], sysctls });
    const kernel = (key: string) => lab.native.getSysctlInNetns(netns, key);
    expect(await kernel("net.ipv4.conf.eth0.rp_filter")).toBe("2");
    expect(await kernel("net.core.somaxconn")).toBe("77");
  });

  test("free ports are chosen, and a released address is the last to be used again", async () => {
    const any = await open("any", { endpoints: [endpoint("front")], ports: [port("80")] });
    const [chosen] = any.ports;
    expect(chosen?.hostPort).toBeGreaterThanOrEqual(32768);
    await controller.close(idFor("any"));
    const next = await open("next", { endpoints: [endpoint("front")] });
    expect(next.ip).not.toBe(any.ip);
  });

  const web = { endpoints: [endpoint("front")] };
  const refused: [string, Parameters<typeof request>[1], string, RegExp][] = [
    ["a port of another container", { ...web, ports: [port("8090:80")] }, "conflict", /holder/],
    ["a port of a process", { ...web, ports: [port("8091:80")] }, "conflict", /another process/],
    ["a port named twice", { ...web, ports: [port("1:1"), port("1:2")] }, "conflict", /twice/],
    ["an address that is not the host's", { ...web, ports: [port("9.9.9.9:1:1")] }, "invalid", /9/],
    ["a missing network", { endpoints: [endpoint("gone")] }, "not_found", /gone/],
    [
      "host beside another",
      { endpoints: [endpoint("host"), endpoint("front")] },
      "invalid",
      /host/,
    ],
    ["a network twice", { endpoints: [endpoint("back"), endpoint("back")] }, "invalid", /twice/],
    [
      "an address outside",
      { endpoints: [endpoint("front", { ipv4: "10.0.0.1" })] },
      "invalid",
      /not in/,
    ],
    [
      "the gateway",
      { endpoints: [endpoint("front", { ipv4: "172.20.0.1" })] },
      "conflict",
      /reserved/,
    ],
    [
      "an alias of two words",
      { endpoints: [endpoint("front", { aliases: ["a b"] })] },
      "invalid",
      /a b/,
    ],
    [
      "a group MAC",
      { endpoints: [endpoint("front", { macAddress: "01:00:00:00:00:01" })] },
      "invalid",
      /MAC/,
    ],
    [
      "a sysctl that is not there",
      { ...web, sysctls: { "net.nothing": "1" } },
      "sysctl",
      /nothing/,
    ],
  ];
  test("what cannot be is refused, and leaves nothing behind", async () => {
    await open("holder", { endpoints: [endpoint("front")], ports: [port("8090:80")] });
    await lab.serve(hostOf(lab), "tcp", 8091, "host");
    const before = await lab.traces();
    for (const [what, more, code, message] of refused) {
      const error = await controller
        .open(request("refused", more))
        .catch((thrown: Error) => thrown);
      expect([what, error]).toMatchObject([what, { message: expect.stringMatching(message) }]);
      if (code !== "sysctl") expect([what, error]).toMatchObject([what, { code }]);
      expect([what, controller.find(idFor("refused"))]).toEqual([what, undefined]);
    }
    expect(await lab.traces()).toEqual(before);
  });
});
