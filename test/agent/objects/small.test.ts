// The small pure parts of containers: keys, times, ports, names, labels.
import { describe, expect, test } from "vitest";
import { endpointOf } from "../../../agent/objects/container/create/endpoints.ts";
import { parsePort, requestedPorts } from "../../../agent/objects/container/create/ports.ts";
import {
  parseExtraHost,
  resolvConf,
  upstreamsOf,
} from "../../../agent/objects/container/run/names.ts";
import { environment } from "../../../agent/objects/container/run/spec.ts";
import { Containers } from "../../../agent/objects/container/state/containers.ts";
import type { ContainerRecord } from "../../../agent/objects/container/state/record.ts";
import { editLabels } from "../../../agent/objects/labels.ts";
import { DetachScanner, parseDetachKeys } from "../../../agent/objects/stream/detach-keys.ts";
import { humanDuration, nowNano, unixNano } from "../../../agent/objects/time.ts";

describe("detach keys", () => {
  test("are ctrl-p and ctrl-q unless told", () => {
    expect([...parseDetachKeys(undefined)]).toEqual([16, 17]);
    expect([...parseDetachKeys("ctrl-a,x,ctrl-[")]).toEqual([1, 120, 27]);
    expect(() => parseDetachKeys("ctrl-ab")).toThrow("Invalid detach keys");
  });

  const typed = (...chunks: string[]) => {
    const scanner = new DetachScanner(Buffer.from("\x10\x11"));
    let text = "";
    for (const chunk of chunks) {
      const { pass, detached } = scanner.scan(Buffer.from(chunk));
      text += pass.toString();
      if (detached) return `${text}|`;
    }
    return text;
  };
  test.each([
    [["ab\x10\x11cd"], "ab|"],
    [["ab\x10", "\x11"], "ab|"],
    [["ab\x10", "x"], "ab\x10x"],
    [["\x10\x10\x11"], "\x10|"],
    [["\x11\x10x\x11"], "\x11\x10x\x11"],
  ])("in %j leave %j", (chunks, expected) => expect(typed(...chunks)).toBe(expected));
});

describe("times", () => {
  test("have nanoseconds and never repeat", () => {
    const times = Array.from({ length: 100 }, nowNano);
    expect(new Set(times).size).toBe(100);
    expect([...times].sort()).toEqual(times);
    expect(times[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
    expect(unixNano("1970-01-01T00:00:01.5Z")).toBe(1_500_000_000n);
  });
  test.each([
    [400, "Less than a second"],
    [1000, "1 second"],
    [59_000, "59 seconds"],
    [61_000, "About a minute"],
    [600_000, "10 minutes"],
    [3_600_000, "About an hour"],
    [86_400_000 * 3, "3 days"],
    [86_400_000 * 20, "2 weeks"],
    [86_400_000 * 100, "3 months"],
    [86_400_000 * 800, "2 years"],
  ])("of %i ms are '%s'", (ms, words) => expect(humanDuration(ms)).toBe(words));
});

describe("ports", () => {
  test("are published where they were bound, and all exposed ones when asked", () => {
    const ports = requestedPorts(
      { ExposedPorts: { "80/tcp": {}, "53/udp": {} } },
      {
        PublishAllPorts: true,
        PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "8000-8010" }] },
      },
    );
    expect(ports).toEqual([
      { protocol: "tcp", hostIp: "127.0.0.1", hostPorts: [8000, 8010], containerPort: 80 },
      { protocol: "udp", hostIp: "", hostPorts: [0, 0], containerPort: 53 },
    ]);
  });
  test.each(["0/tcp", "65536", "80/sctp", "x", "80/tcp/x", "-1"])("cannot be %s", (text) => {
    expect(() => parsePort(text)).toThrow();
  });
  test.each([{ HostPort: "99999" }, { HostPort: "9-8" }, { HostPort: "1;2" }, { HostIp: "host" }])(
    "cannot be bound to %j",
    (binding) => {
      expect(() => requestedPorts({}, { PortBindings: { "80/tcp": [binding] } })).toThrow(
        "port 80",
      );
    },
  );
});

describe("names in a container", () => {
  const record = (host: object) => ({ hostConfig: host, config: {} }) as ContainerRecord;
  const facts = { nameservers: ["127.0.0.1", "10.0.0.1"], search: ["a.b"], options: ["x"] };
  test("are asked of the own resolver, or of servers that can be reached", () => {
    expect(resolvConf(record({}), facts, "own-resolver")).toBe(
      "nameserver 127.0.0.11\nsearch a.b\noptions x ndots:0\n",
    );
    expect(resolvConf(record({}), facts, "direct")).toBe(
      "nameserver 10.0.0.1\nsearch a.b\noptions x\n",
    );
    const own = { Dns: ["9.9.9.9"], DnsSearch: ["."], DnsOptions: ["y"] };
    expect(resolvConf(record(own), facts, "direct")).toBe("nameserver 9.9.9.9\noptions y\n");
  });
  test("are asked where the container is, but for the host's own servers, by a way out", () => {
    const host = { ...facts, nameservers: ["127.0.0.53", "10.0.0.1", "fe80::1%eth0"] };
    expect(upstreamsOf(record({}), host, true)).toEqual({
      upstreams: ["127.0.0.53", "10.0.0.1"],
      hostUpstreams: ["127.0.0.53"],
    });
    expect(upstreamsOf(record({}), host, false)).toEqual({
      upstreams: ["10.0.0.1"],
      hostUpstreams: [],
    });
    const own = { Dns: ["127.0.0.5"] };
    expect(upstreamsOf(record(own), host, true)).toEqual({
      upstreams: ["127.0.0.5"],
      hostUpstreams: [],
    });
  });
  test("can be added", () => {
    expect(parseExtraHost("a.b:10.0.0.1")).toEqual({ name: "a.b", ip: "10.0.0.1" });
    expect(parseExtraHost("a=[::1]")).toEqual({ name: "a", ip: "::1" });
    expect(() => parseExtraHost("a:nope")).toThrow("invalid IP address in add-host");
    expect(() => parseExtraHost("a b\nc:10.0.0.1")).toThrow("add-host");
  });
  test("of endpoints are checked", () => {
    expect(endpointOf("n", { Aliases: ["web"] })).toEqual({ network: "n", aliases: ["web"] });
    expect(() => endpointOf("n", { Aliases: ["a b"] })).toThrow("invalid network alias");
    expect(() => endpointOf("n", { IPAMConfig: { IPv4Address: "1.2.3" } })).toThrow("IPv4Address");
    expect(() => endpointOf("bridge", { Aliases: ["a"] })).toThrow("user defined networks");
  });
});

test("an environment has Docker's base under the user's variables", () => {
  const base = { hostname: "box", home: "/root", tty: true, links: ["B_NAME=/a/b", "A=0"] };
  expect(environment(["PATH=/mine", "A=1", "A=2", "HOME="], base)).toEqual([
    "PATH=/mine",
    "HOSTNAME=box",
    "TERM=xterm",
    "B_NAME=/a/b",
    "A=2",
    "HOME=/root",
  ]);
});

test("labels are set and taken away one by one", () => {
  const edit = (expects: Record<string, string | null>) =>
    editLabels("web", { a: "1", b: "2" }, { labels: { b: null, c: "3", d: null }, expects });
  expect(edit({})).toEqual({ a: "1", c: "3" });
  expect(edit({ a: "1", d: null })).toEqual({ a: "1", c: "3" });
  expect(() => edit({ a: null })).toThrow("web: the label a was changed");
  expect(() => edit({ d: "4" })).toThrow("web: the label d was changed");
});

test("a name is one container's until it is given back", () => {
  const containers = new Containers();
  containers.reserve("web", "1");
  expect(() => containers.reserve("web", "2")).toThrow("already in use by container");
  containers.release("web", "1");
  containers.reserve("web", "2");
  for (const wrong of ["", "a", "-a", "a/b", "a\u001b[0m", "../x", "x".repeat(300)]) {
    expect(() => containers.reserve(wrong, "3")).toThrow("Invalid container name");
  }
  expect(containers.newName()).toMatch(/^[a-z]+_[a-z]+$/);
});
