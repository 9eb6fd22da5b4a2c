// What a crash, a restart or an end of the agent leaves: nothing of its own, and all that lives.
import { writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { NetworkController } from "../../../agent/network/controller.ts";
import {
  bridgeNetwork,
  bridgeOf,
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

const title = `recovery of networks${reasonToSkip ? ` (skipped: ${reasonToSkip})` : ""}`;
const FRONT = bridgeNetwork("front", "172.20.0.0/16");
const BACK = bridgeNetwork("back", "172.21.0.0/16");
const WEB = request("web", { endpoints: [endpoint("front")], ports: [port("8080:80")] });
const GONE = request("gone", { endpoints: [endpoint("front")], ports: [port("8081:80")] });

describe.skipIf(reasonToSkip)(title, () => {
  let lab: HostLab;
  let controller: NetworkController;
  beforeEach(async () => {
    lab = new HostLab();
    await lab.start();
    controller = lab.controller();
  });
  afterEach(async () => {
    await controller.dismantle();
    await lab.stop();
  });

  /** A second agent over the state of the first, which was killed. */
  const successor = (networks = [FRONT, BACK]) => {
    const next = lab.controller();
    for (const network of networks) next.restoreNetwork(network);
    return next;
  };

  test("removing every network leaves no interface, rule or file", async () => {
    const before = await lab.traces();
    await controller.addNetwork(FRONT);
    await controller.open(WEB);
    await controller.open(request("shy", { endpoints: [] }));
    await expect(controller.removeNetwork(FRONT.id)).rejects.toThrow("in use by container web");
    await controller.close(WEB.containerId);
    await controller.close(WEB.containerId);
    await controller.close(request("shy").containerId);
    await controller.removeNetwork(FRONT.id);
    const after = await lab.traces();
    expect(after.links).toEqual(before.links);
    expect(after.rules).toBe(before.rules);
    expect(after.files.filter((file) => file.includes("/"))).toEqual([]);
  });

  test("a killed agent's successor keeps what lives and collects the rest", async () => {
    await controller.addNetwork(FRONT);
    const web = await controller.open(WEB);
    await lab.serve(web.netnsPath ?? "", "tcp", 80, "web");
    const kept = await lab.traces();
    await controller.open(GONE);
    await controller.addNetwork(BACK);
    await lab.native.createNetns(`${lab.run}/netns/${idOf("half made")}`);
    await writeFile(`${lab.run}/hosts/${idOf("no network")}`, "");
    await writeFile(`${lab.run}/sandboxes/${idOf("torn")}.json`, '{"containerId":');

    const next = successor([FRONT]);
    await next.recover(new Set([WEB.containerId]));
    await next.recover(new Set([WEB.containerId]));
    const found = await lab.traces();
    const aside = `sandboxes/${idOf("torn")}.json.unreadable-`;
    expect({ ...found, files: found.files.filter((file) => !file.startsWith(aside)) }).toEqual(
      kept,
    );
    expect(next.find(WEB.containerId)).toEqual(web);
    expect(await lab.ask(outsideOf(lab), "tcp", HOST_IP, 8080)).toBe(`web saw ${OUTSIDE_IP}`);
    const fresh = await next.open(request("fresh", { endpoints: [endpoint("front")] }));
    expect(fresh.endpoints[0]?.ipAddress).toBe("172.20.0.3");
    await expect(next.open({ ...WEB, containerId: idOf("x") })).rejects.toThrow(
      "already allocated",
    );
    await next.dismantle();
  });

  test("what someone took away by hand is put back while its containers live", async () => {
    await controller.addNetwork(FRONT);
    const web = await controller.open(WEB);
    await lab.serve(web.netnsPath ?? "", "tcp", 80, "web");
    await lab.inHost("nft", "flush", "ruleset");
    await lab.ip(lab.host, `link del ${bridgeOf(FRONT)}`);
    await lab.ip(lab.host, `link del fv${web.endpoints[0]?.endpointId.slice(0, 11)}`);
    await controller.recover(new Set([WEB.containerId]));
    expect(await lab.ask(outsideOf(lab), "tcp", HOST_IP, 8080)).toBe(`web saw ${OUTSIDE_IP}`);
    expect(await lab.ask(web.netnsPath ?? "", "tcp", HOST_IP, 8080)).toBe("web saw 172.20.0.1");
  });

  const taken: [string, (veth: string) => Promise<unknown>, RegExp][] = [
    ["the ruleset", () => lab.inHost("nft", "flush", "ruleset"), /^the nftables table ip netlab/],
    ["a bridge", () => lab.ip(lab.host, `link del ${bridgeOf(FRONT)}`), /^the interface fl-/],
    ["an end", (veth) => lab.ip(lab.host, `link del ${veth}`), /^the interface fv/],
  ];
  test.each(taken)("%s that is taken away is noticed and put back", async (_, take, told) => {
    await controller.addNetwork(FRONT);
    const web = await controller.open(WEB);
    await lab.serve(web.netnsPath ?? "", "tcp", 80, "web");
    await controller.watch.check();
    const before = lab.warnings.length;
    await take(`fv${web.endpoints[0]?.endpointId.slice(0, 11)}`);
    await controller.watch.check();
    expect(lab.warnings.slice(before)).toEqual([expect.stringMatching(told)]);
    expect(controller.watch.missing).toBeUndefined();
    expect(await lab.ask(outsideOf(lab), "tcp", HOST_IP, 8080)).toBe(`web saw ${OUTSIDE_IP}`);
  });

  test("a bridge that is missing is made again for the next container", async () => {
    await controller.addNetwork(FRONT);
    await lab.ip(lab.host, `link del ${bridgeOf(FRONT)}`);
    const web = await controller.open(WEB);
    await lab.serve(web.netnsPath ?? "", "tcp", 80, "web");
    expect(await lab.ask(outsideOf(lab), "tcp", HOST_IP, 8080)).toBe(`web saw ${OUTSIDE_IP}`);
  });

  test("after a reboot the networks are there again and the old sandboxes are not", async () => {
    await controller.addNetwork(FRONT);
    await controller.open(WEB);
    await lab.native.deleteNetns(`${lab.run}/netns/${WEB.containerId}`);
    await lab.inHost("nft", "flush", "ruleset");
    await lab.ip(lab.host, `link del ${bridgeOf(FRONT)}`);
    const next = successor([FRONT]);
    await next.recover(new Set());
    expect(next.find(WEB.containerId)).toBeUndefined();
    expect(await next.open(WEB)).toMatchObject({ ports: [port("8080:80")] });
    await next.dismantle();
  });

  test("interfaces and tables of others are never touched", async () => {
    await lab.ip(lab.host, `link add ${bridgeOf(FRONT)} type bridge`);
    await lab.ip(lab.host, "link add fv00000000000 type veth peer name other");
    await lab.inHost(
      "nft",
      "add table ip other",
      "; add chain ip other f { type filter hook forward priority 0; policy drop; }",
    );
    await expect(controller.addNetwork(FRONT)).rejects.toThrow("did not make");
    await controller.addNetwork(BACK);
    expect(lab.warnings).toContainEqual(expect.stringMatching(/"f" of table "ip other" drops/));
    await controller.dismantle();
    const { links, rules } = await lab.traces();
    expect(links).toEqual(expect.arrayContaining([bridgeOf(FRONT), "fv00000000000", "other"]));
    expect(rules).toContain("policy drop");
    expect(rules).not.toContain("netlab");
  });

  test("a hundred sandboxes open and close at once, and leave nothing", async () => {
    await controller.addNetwork(FRONT);
    const before = await lab.traces();
    const all = Array.from({ length: 100 }, (_, n) =>
      request(`c${n}`, { endpoints: [endpoint("front")], ports: [port(`${9000 + n}:80`)] }),
    );
    const sandboxes = await Promise.all(all.map((one) => controller.open(one)));
    expect(new Set(sandboxes.map(({ endpoints }) => endpoints[0]?.ipAddress)).size).toBe(100);
    expect((await lab.traces()).rules.match(/dnat to/g)).toHaveLength(100);
    await Promise.all(all.map(({ containerId }) => controller.close(containerId)));
    const after = await lab.traces();
    expect({ ...after, files: after.files.length }).toEqual({
      ...before,
      files: before.files.length + 2,
    });
    expect(await lab.ask(hostOf(lab), "tcp", "127.0.0.1", 9000)).toBe("ECONNREFUSED");
  });
});
