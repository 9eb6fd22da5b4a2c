// The network plane on a host of its own: reachability, published ports, isolation, clean-up.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Plane } from "../../../agent/network/plane.ts";
import {
  bridgeNetwork,
  endpoint,
  HOST_IP,
  HostLab,
  hostOf,
  OUTSIDE_IP,
  outsideOf,
  port,
  reasonToSkip,
  request,
} from "./host-lab.ts";

const title = `the network plane${reasonToSkip ? ` (skipped: ${reasonToSkip})` : ""}`;

describe.skipIf(reasonToSkip)(title, () => {
  const lab = new HostLab();
  let plane: Plane;
  const open = async (name: string, more: Parameters<typeof request>[1]) => {
    const sandbox = await plane.open(request(name, more));
    return {
      ...sandbox,
      netns: sandbox.netnsPath ?? "",
      ip: sandbox.endpoints[0]?.ipAddress ?? "",
    };
  };

  beforeAll(async () => {
    await lab.start();
    plane = lab.plane();
    await plane.addNetwork(bridgeNetwork("front", "172.20.0.0/16"));
    await plane.addNetwork(bridgeNetwork("back", "172.21.0.0/16"));
    await plane.addNetwork(bridgeNetwork("closed", "172.22.0.0/16", { internal: true }));
  });
  afterAll(async () => {
    await plane.dismantle();
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
    await plane.close(request("a").containerId);
    await plane.close(request("b").containerId);
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
    for (const name of ["web", "near", "far"]) await plane.close(request(name).containerId);
    expect(await lab.ask(hostOf(lab), "tcp", "127.0.0.1", 8080)).toBe("ECONNREFUSED");
  });
});
