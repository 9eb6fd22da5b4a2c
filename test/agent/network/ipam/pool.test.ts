// Address management: which subnets and addresses are handed out, in which order.
import { describe, expect, test } from "vitest";
import {
  checkPool,
  chooseSubnet,
  PoolAllocator,
  uniqueLocalSubnet,
} from "../../../../agent/network/ipam/pool.ts";
import {
  formatAddress,
  formatSubnet,
  parseAddress,
  requireSubnet,
} from "../../../../agent/network/model/ip.ts";

const subnets = (...texts: string[]) => texts.map((text) => requireSubnet(text, "test"));

describe("the default pools", () => {
  test("give the first subnet that nothing on the host overlaps", () => {
    expect(formatSubnet(chooseSubnet([]))).toBe("172.20.0.0/16");
    const taken = subnets("172.20.5.0/24", "172.21.0.0/16", "10.0.0.0/8");
    expect(formatSubnet(chooseSubnet(taken))).toBe("172.22.0.0/16");
  });

  test("go on behind one another and end with a hint", () => {
    expect(formatSubnet(chooseSubnet(subnets("172.16.0.0/12")))).toBe("192.168.0.0/20");
    const both = subnets("172.16.0.0/12", "192.168.0.0/16");
    expect(formatSubnet(chooseSubnet(both))).toBe("10.128.0.0/16");
    expect(() => chooseSubnet(subnets("0.0.0.0/0"))).toThrow(/all default address pools/);
  });

  test("give each network its own IPv6 subnet, the same every time", () => {
    const one = formatSubnet(uniqueLocalSubnet("a"));
    expect(one).toMatch(/^fd[0-9a-f]{2}:.*\/64$/);
    expect(formatSubnet(uniqueLocalSubnet("a"))).toBe(one);
    expect(formatSubnet(uniqueLocalSubnet("b"))).not.toBe(one);
  });
});

describe("the addresses of a pool", () => {
  const pool = { subnet: "10.9.0.0/29", gateway: "10.9.0.1", auxiliary: { router: "10.9.0.4" } };
  const taken = (ledger: PoolAllocator, count: number) =>
    Array.from({ length: count }, () => formatAddress(ledger.take()).replace("10.9.0.", ""));

  test("leave out the subnet's own, the gateway, auxiliary ones and the broadcast", () => {
    const ledger = new PoolAllocator(pool);
    expect(taken(ledger, 4)).toEqual(["2", "3", "5", "6"]);
    expect(() => ledger.take()).toThrow(/no free address is left in 10.9.0.0\/29/);
  });

  test("are used again last when they were released", () => {
    const ledger = new PoolAllocator(pool);
    taken(ledger, 2);
    ledger.release(parseAddress("10.9.0.2")!);
    expect(taken(ledger, 3)).toEqual(["5", "6", "2"]);
  });

  test("come from the range when there is one, and fixed ones from the whole subnet", () => {
    const ledger = new PoolAllocator({ ...pool, ipRange: "10.9.0.4/30" });
    ledger.claim(parseAddress("10.9.0.2")!);
    expect(taken(ledger, 2)).toEqual(["5", "6"]);
    expect(() => ledger.claim(parseAddress("10.9.0.2")!)).toThrow(/already in use/);
    expect(() => ledger.claim(parseAddress("10.9.0.4")!)).toThrow(/reserved/);
    expect(() => ledger.claim(parseAddress("10.9.0.9")!)).toThrow(/not in 10.9.0.0\/29/);
  });

  test("begin behind those of recorded endpoints", () => {
    const ledger = new PoolAllocator(pool);
    ledger.restore(parseAddress("10.9.0.3")!);
    expect(taken(ledger, 3)).toEqual(["5", "6", "2"]);
  });
});

describe("a pool that a user describes", () => {
  const refused: [string, Parameters<typeof checkPool>[0], RegExp][] = [
    ["a gateway outside", { subnet: "10.1.0.0/24", gateway: "10.2.0.1" }, /Gateway/],
    [
      "a range outside",
      { subnet: "10.1.0.0/24", gateway: "10.1.0.1", ipRange: "10.2.0.0/25" },
      /IPRange/,
    ],
    ["a subnet of the host", { subnet: "10.8.0.0/24", gateway: "10.8.0.1" }, /overlaps 10.8.0.0/],
  ];
  test.each(refused)("is refused with %s", (_, pool, message) => {
    expect(() => checkPool(pool, subnets("10.8.0.0/16"))).toThrow(message);
  });
});
