// Requests to create a network: every key is honoured or refused.
import type { NetworkCreateRequest } from "@docker/node-sdk";
import { describe, expect, test } from "vitest";
import { bridge } from "../../../../agent/network/drivers/bridge.ts";
import {
  type NetworkRequest,
  readNetworkRequest,
} from "../../../../agent/objects/network/request.ts";
import type { FairleadError } from "../../../../resources/model/errors.ts";

const BRIDGE = "com.docker.network.bridge";

/** What the driver makes of the options. */
const settingsOf = ({ driver, driverOptions, ipv6 }: NetworkRequest) =>
  driver.readOptions(driverOptions, { id: "0".repeat(64), instance: "i", predefined: false, ipv6 });

describe("a request to create a network", () => {
  test("is read with Docker's defaults", () => {
    expect(readNetworkRequest({ Name: "web" })).toEqual({
      name: "web",
      internal: false,
      attachable: false,
      ipv4: true,
      ipv6: false,
      pools: [],
      driver: bridge,
      driverOptions: {},
      options: {},
      labels: {},
    });
  });

  test("is read with all it can say", () => {
    const options = {
      [`${BRIDGE}.name`]: "br-web",
      [`${BRIDGE}.enable_icc`]: "false",
      [`${BRIDGE}.enable_ip_masquerade`]: "0",
      [`${BRIDGE}.host_binding_ipv4`]: "127.0.0.1",
      "com.docker.network.driver.mtu": "1400",
      "com.docker.network.container_iface_prefix": "lan",
    };
    const wish = readNetworkRequest({
      Name: "web",
      Driver: "bridge",
      EnableIPv6: true,
      Internal: true,
      Options: options,
      Labels: { a: "b" },
      IPAM: {
        Driver: "default",
        Config: [
          {
            Subnet: "10.1.0.0/24",
            IPRange: "10.1.0.128/25",
            AuxiliaryAddresses: { r: "10.1.0.9" },
          },
          { Subnet: "fd00:1::/64", Gateway: "fd00:1::ff" },
        ],
      },
    });
    expect(wish).toMatchObject({ options, labels: { a: "b" }, internal: true, ipv6: true });
    expect(settingsOf(wish)).toEqual({
      name: "br-web",
      interContainer: false,
      masquerade: false,
      hostBinding: "127.0.0.1",
      mtu: 1400,
      interfacePrefix: "lan",
    });
    const auxiliary = { r: "10.1.0.9" };
    expect(wish.pools).toEqual([
      { subnet: "10.1.0.0/24", gateway: "10.1.0.1", ipRange: "10.1.0.128/25", auxiliary },
      { subnet: "fd00:1::/64", gateway: "fd00:1::ff" },
    ]);
  });

  const option = (key: string, value: string) => ({ Options: { [key]: value } });
  const config = (...Config: { Subnet?: string; Gateway?: string }[]) => ({ IPAM: { Config } });
  const refused: [string, Partial<NetworkCreateRequest>, FairleadError["code"]][] = [
    ["an empty name", { Name: "" }, "invalid"],
    ["a name with a slash", { Name: "../x" }, "invalid"],
    ["a name with an escape", { Name: "a\u001b[2J" }, "invalid"],
    ["another driver", { Driver: "overlay" }, "not_found"],
    ["a second host network", { Driver: "host" }, "forbidden"],
    ["another scope", { Scope: "swarm" }, "unsupported"],
    ["ingress", { Ingress: true }, "unsupported"],
    ["configuration only", { ConfigOnly: true }, "unsupported"],
    ["another address driver", { IPAM: { Driver: "dhcp" } }, "unsupported"],
    ["options of the address driver", { IPAM: { Options: { a: "b" } } }, "unsupported"],
    ["no IP at all", { EnableIPv4: false }, "invalid"],
    ["a gateway without its subnet", config({ Gateway: "10.0.0.1" }), "invalid"],
    ["two subnets", config({ Subnet: "10.0.0.0/24" }, { Subnet: "10.0.1.0/24" }), "unsupported"],
    ["an IPv6 subnet without IPv6", config({ Subnet: "fd00::/64" }), "invalid"],
    ["a subnet without room", config({ Subnet: "10.0.0.0/31" }), "invalid"],
    ["a subnet that is none", config({ Subnet: "10.0.0.0/24; reboot" }), "invalid"],
    ["an unknown option", option("com.example.x", "1"), "unsupported"],
    ["a long bridge name", option(`${BRIDGE}.name`, "x".repeat(16)), "invalid"],
    ["a bridge name with a slash", option(`${BRIDGE}.name`, "a/b"), "invalid"],
    ["an impossible MTU", option("com.docker.network.driver.mtu", "20"), "invalid"],
    ["a boolean that is none", option(`${BRIDGE}.enable_icc`, "maybe"), "invalid"],
    ["a binding that is no address", option(`${BRIDGE}.host_binding_ipv4`, "x"), "invalid"],
    ["a routed gateway", option(`${BRIDGE}.gateway_mode_ipv4`, "routed"), "invalid"],
  ];
  test.each(refused)("is refused with %s", (_, more, code) => {
    const read = () => settingsOf(readNetworkRequest({ Name: "web", ...more }));
    expect(read).toThrow(expect.objectContaining({ name: "FairleadError", code }));
  });
});
