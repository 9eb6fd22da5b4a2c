// The routes of networks over HTTP, as Docker clients use them, on a host of its own.
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { networkRoutes } from "../../../agent/api/networks.ts";
import { type ApiServer, createApi } from "../../../agent/api/server.ts";
import type { NetworkController } from "../../../agent/network/controller.ts";
import { EventLog } from "../../../agent/objects/event.ts";
import { Networks } from "../../../agent/objects/network/networks.ts";
import { RecordStore } from "../../../agent/state/record-store.ts";
import { endpoint, HostLab, reasonToSkip, request } from "../network/host-lab.ts";

const title = `the routes of networks${reasonToSkip ? ` (skipped: ${reasonToSkip})` : ""}`;

describe.skipIf(reasonToSkip)(title, () => {
  const lab = new HostLab();
  const events = new EventLog();
  const calls: unknown[] = [];
  let controller: NetworkController;
  let networks: Networks;
  let api: ApiServer;
  let base: string;

  const open = () =>
    new Networks({
      root: lab.run,
      instance: lab.instance,
      controller,
      records: new RecordStore((line) => lab.warnings.push(line)),
      events,
      warn: (line) => lab.warnings.push(line),
    });

  beforeAll(async () => {
    await lab.start();
    controller = lab.controller();
    networks = open();
    await networks.load();
    const members = {
      connect: async (...parameters: unknown[]) => void calls.push(["connect", ...parameters]),
      disconnect: async (...parameters: unknown[]) =>
        void calls.push(["disconnect", ...parameters]),
    };
    api = createApi({ early: [], progress: () => "", report: () => undefined });
    api.open(networkRoutes({ networks, members }));
    await new Promise<void>((resolve) => api.server.listen(0, "127.0.0.1", resolve));
    base = `http://127.0.0.1:${(api.server.address() as AddressInfo).port}/v1.47/networks`;
  });
  afterAll(async () => {
    await api?.close();
    await controller.dismantle();
    await lab.stop();
  });

  const call = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(base + path, {
      method,
      headers: { "Content-Type": "application/json", Connection: "close" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
  };
  const filtered = async (filters: Record<string, string[]>) => {
    const { body } = await call("GET", `?filters=${encodeURIComponent(JSON.stringify(filters))}`);
    return (body as { Name: string }[]).map(({ Name }) => Name).toSorted();
  };

  test("bridge, host and none are there from the first start, and stay as they are", async () => {
    expect(await filtered({})).toEqual(["bridge", "host", "none"]);
    const { body } = await call("GET", "/bridge");
    expect(body).toMatchObject({
      Driver: "bridge",
      Scope: "local",
      IPAM: { Config: [{ Subnet: "172.20.0.0/16", Gateway: "172.20.0.1" }] },
      Options: { "com.docker.network.bridge.name": "netlab0" },
    });
    const again = open();
    await again.load();
    expect(again.find("bridge")?.spec.id).toBe(body.Id);
    expect(await call("DELETE", "/bridge")).toMatchObject({
      status: 403,
      body: { message: "bridge is a pre-defined network and cannot be removed" },
    });
  });

  test("a network is made, inspected with its containers, and removed when unused", async () => {
    const made = await call("POST", "/create", {
      Name: "web",
      Labels: { team: "a" },
      ConfigFrom: null,
      IPAM: { Driver: "default", Options: null, Config: [{ Subnet: "10.66.0.0/24" }] },
    });
    expect(made).toMatchObject({ status: 201, body: { Warning: "" } });
    const id: string = made.body.Id;
    const client = request("client", { endpoints: [endpoint("web")] });
    await controller.open(client);
    const { body } = await call("GET", `/${id.slice(0, 12)}`);
    expect(body).toMatchObject({
      Name: "web",
      Id: id,
      Labels: { team: "a" },
      IPAM: { Config: [{ Subnet: "10.66.0.0/24", Gateway: "10.66.0.1" }] },
      Containers: {
        [client.containerId]: {
          Name: "client",
          IPv4Address: "10.66.0.2/24",
          MacAddress: "02:42:0a:42:00:02",
        },
      },
    });
    expect(await call("DELETE", "/web")).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining("in use by container client") },
    });
    await controller.close(client.containerId);
    expect((await call("DELETE", "/web")).status).toBe(204);
    expect((await call("GET", "/web")).status).toBe(404);
    const told = events.past().filter((event) => event.id === id);
    expect(told.map(({ action }) => action)).toEqual(["create", "destroy"]);
    expect(told[0]?.attributes).toEqual({ name: "web", type: "bridge" });
  });

  test("lists are filtered and unused networks pruned", async () => {
    await call("POST", "/create", { Name: "alpha", Labels: { tier: "x" } });
    await call("POST", "/create", { Name: "two", Labels: { tier: "y" }, EnableIPv6: true });
    const cases: [Record<string, string[]>, string[]][] = [
      [{ name: ["alpha", "hos"] }, ["alpha", "host"]],
      [{ label: ["tier=y"] }, ["two"]],
      [{ label: ["tier"] }, ["alpha", "two"]],
      [{ type: ["builtin"] }, ["bridge", "host", "none"]],
      [{ driver: ["null"] }, ["none"]],
      [{ scope: ["swarm"] }, []],
      [{ dangling: ["true"] }, ["alpha", "two"]],
      [{ id: [networks.require("two").spec.id.slice(0, 20)] }, ["two"]],
    ];
    for (const [filters, expected] of cases) expect(await filtered(filters)).toEqual(expected);
    const prune = (filters: object) =>
      call("POST", `/prune?filters=${encodeURIComponent(JSON.stringify(filters))}`);
    expect((await prune({ "label!": ["tier=y"] })).body).toEqual({ NetworksDeleted: ["alpha"] });
    expect((await prune({ until: ["1"] })).body).toEqual({ NetworksDeleted: [] });
    expect((await prune({})).body).toEqual({ NetworksDeleted: ["two"] });
  });

  test("connecting and disconnecting are handed to the containers", async () => {
    const network = networks.require("host");
    const EndpointConfig = { Aliases: ["a"], IPAMConfig: { IPv4Address: "10.0.0.9" } };
    const connect = { Container: "c", EndpointConfig: { ...EndpointConfig, Links: null } };
    expect((await call("POST", "/host/connect", connect)).status).toBe(200);
    await call("POST", "/host/disconnect", { Container: "c", Force: true });
    expect(calls).toEqual([
      ["connect", "c", network, EndpointConfig],
      ["disconnect", "c", network, true],
    ]);
  });

  const refused: [string, string, unknown, number, RegExp][] = [
    ["no body", "/create", undefined, 400, /the body: /],
    ["a name of the wrong type", "/create", { Name: 5 }, 400, /: Name: /],
    ["a taken name", "/create", { Name: "host" }, 409, /already exists/],
    ["labels that are no texts", "/create", { Name: "x", Labels: { a: 1 } }, 400, /: Labels.a: /],
    [
      "a taken subnet",
      "/create",
      { Name: "x", IPAM: { Config: [{ Subnet: "198.51.100.0/25" }] } },
      409,
      /overlaps/,
    ],
    [
      "a foreign bridge",
      "/create",
      { Name: "x", Options: { "com.docker.network.bridge.name": "up0" } },
      409,
      /did not make/,
    ],
    ["no container", "/host/connect", {}, 400, /: Container: /],
    ["a missing network", "/gone/connect", { Container: "c" }, 404, /network gone not found/],
  ];
  test.each(refused)("%s is refused", async (_, path, body, status, message) => {
    const before = networks.all().length;
    const answer = await call("POST", path, body);
    expect(answer).toEqual({ status, body: { message: expect.stringMatching(message) } });
    expect(networks.all()).toHaveLength(before);
  });
});
