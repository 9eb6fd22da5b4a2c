// Addresses and subnets: what is read, what is printed, what is refused.
import { describe, expect, test } from "vitest";
import {
  contains,
  formatAddress,
  formatSubnet,
  overlaps,
  parseAddress,
  requireSubnet,
} from "../../../../agent/network/model/ip.ts";

describe("an IP address", () => {
  const same: [string, string][] = [
    ["172.20.0.1", "172.20.0.1"],
    ["0.0.0.0", "0.0.0.0"],
    ["::", "::"],
    ["::1", "::1"],
    ["FD00:0:0::1", "fd00::1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["::ffff:10.1.2.3", "::ffff:a01:203"],
  ];
  test.each(same)("%s is printed as %s", (given, printed) => {
    const address = parseAddress(given);
    expect(address && formatAddress(address)).toBe(printed);
  });

  test.each(["", "1.2.3", "1.2.3.256", "fe80::1%eth0", "1.2.3.4/8", "::1::", "a b", "0x7f000001"])(
    "%s is none",
    (given) => expect(parseAddress(given)).toBeUndefined(),
  );
});

describe("a subnet", () => {
  test("loses its host bits and knows its own", () => {
    const subnet = requireSubnet("172.20.3.4/16", "x");
    expect(formatSubnet(subnet)).toBe("172.20.0.0/16");
    const has = (ip: string) => contains(subnet, parseAddress(ip)!);
    expect([has("172.20.255.255"), has("172.21.0.0"), has("::1")]).toEqual([true, false, false]);
  });

  const pairs: [string, string, boolean][] = [
    ["10.0.0.0/8", "10.200.0.0/16", true],
    ["10.0.0.0/16", "10.1.0.0/16", false],
    ["0.0.0.0/0", "10.1.0.0/16", true],
    ["::/0", "10.1.0.0/16", false],
    ["fd00::/64", "fd00::1/128", true],
  ];
  test.each(pairs)("%s overlaps %s: %s", (a, b, expected) => {
    expect(overlaps(requireSubnet(a, "x"), requireSubnet(b, "x"))).toBe(expected);
  });

  test.each(["", "10.0.0.0", "10.0.0.0/33", "::/129", "10.0.0.0/8/8", "10.0.0.0/-1", "x/8"])(
    "%s is refused",
    (given) => expect(() => requireSubnet(given, "here")).toThrow(/^here: ".*" is not a subnet$/),
  );
});
