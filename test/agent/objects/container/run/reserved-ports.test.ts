// What a shim listens on for a container's published ports, and where it passes that on.
import { expect, test } from "vitest";
import type { PortMapping, PortRelay } from "../../../../../agent/network/model/contract.ts";
import { reservedPorts } from "../../../../../agent/objects/container/run/spec.ts";

const V4 = "172.20.0.2";
const V6 = "fd00:1::2";

/** Each reservation as "ADDRESS" or "ADDRESS > TARGET". */
function shown(hostIp: string, relay: Partial<PortRelay> | undefined): string[] {
  const port: PortMapping = { protocol: "tcp", hostIp, hostPort: 8080, containerPort: 80 };
  const full = { netnsPath: "/ns", ipAddress: V4, ipv6Address: "", onlyIPv6: true, ...relay };
  const sandbox = { netnsPath: "/own", endpoints: [], ports: [port], nameTables: [] };
  return reservedPorts(relay ? { ...sandbox, relay: full } : sandbox).map((reserved) => {
    expect(reserved).toMatchObject({ protocol: "tcp", port: 8080 });
    if (!reserved.relay) return reserved.ip;
    expect(reserved.relay).toMatchObject({ netns: "/ns", port: 80 });
    return `${reserved.ip} > ${reserved.relay.ip}`;
  });
}

test.each([
  ["every address", "", {}, ["0.0.0.0", `:: > ${V4}`]],
  ["every address, to one with IPv6", "", { ipv6Address: V6 }, ["0.0.0.0", `:: > ${V6}`]],
  ["one of IPv4", "127.0.0.1", {}, ["127.0.0.1"]],
  ["one of IPv6", "::1", {}, [`::1 > ${V4}`]],
  ["every address, without root", "", { onlyIPv6: false }, [`0.0.0.0 > ${V4}`, `:: > ${V4}`]],
  ["one without root", "127.0.0.1", { onlyIPv6: false }, [`127.0.0.1 > ${V4}`]],
  ["every address, with no way out", "", undefined, ["0.0.0.0", "::"]],
])("a port on %s", (_, hostIp, relay, expected) => {
  expect(shown(hostIp, relay)).toEqual(expected);
});
