import { inspect as print } from "node:util";
import { describe, expect, test } from "vitest";
import { container } from "../../../resources/kinds/container/container.ts";
import { host } from "../../../resources/kinds/host/host.ts";
import { inspect as check, fieldsOf } from "../../../resources/model/schema.ts";
import { hashSecret, secret } from "../../../resources/model/secret.ts";
import {
  formatBytes,
  formatDuration,
  parseBytes,
  parseDuration,
} from "../../../resources/model/units.ts";
import { checkStack, type StackInput } from "../../../resources/stack/stack.ts";
import { containerBeside, containerEdits } from "../kinds/edits.ts";

const problemsOf = (spec: object) =>
  check(container, { image: "app", ...spec }).problems.map(({ path }) => path);

describe("the check of a container", () => {
  test.each(Object.entries(containerEdits))("%s in normal form stays as it is", (field, values) => {
    for (const value of values) {
      const beside = containerBeside[field as keyof typeof containerBeside];
      const once = check(container, { image: "app", ...beside, [field]: value });
      expect(once.problems).toEqual([]);
      expect(check(container, once.value).value).toEqual(once.value);
    }
  });

  test.each([
    [{ user: "" }, "user: must not be empty"],
    [{ command: "run" }, "command: must be a list"],
    [{ tty: "yes" }, "tty: must be true or false"],
    [{ pull: "often" }, 'pull: must be "missing", "always" or "never"'],
    [{ cpus: 0 }, "cpus: must be at least 0"],
    [{ oomScoreAdj: 1001 }, "oomScoreAdj: must be at most 1000"],
    [{ pidsLimit: 1.5 }, "pidsLimit: must be a whole number"],
    [{ image: undefined }, "image: is required"],
  ])("%o is refused in words of a person", (spec, sentence) => {
    const { problems } = check(container, { image: "app", ...spec });
    expect(problems.map(({ path, message }) => `${path}: ${message}`)).toEqual([sentence]);
  });

  test("every problem is reported at once, each with its path", () => {
    const found = check(container, {
      image: "UPPER",
      memory: "lots",
      colour: "red",
      ports: ["80:80", "99999", "1-2:3"],
      mounts: [{ type: "bind", source: "relative", target: "/a" }],
      env: { "A\n": "1" },
      files: [{ target: "/f" }],
    });
    expect(found.problems.map(({ path }) => path).sort()).toEqual([
      "colour",
      'env["A\\n"]',
      "files[0]",
      "image",
      "memory",
      "mounts[0].source",
      "ports[1]",
      "ports[2]",
    ]);
  });

  test.each([
    [{ networkMode: "host", networks: { a: {} } }, ["networkMode"]],
    [{ networkMode: "host", ports: ["80"] }, ["ports"]],
    [{ memorySwap: "1g" }, ["memorySwap"]],
    [{ memory: "1g", memorySwap: "512m" }, ["memorySwap"]],
    [{ memory: "1g", memoryReservation: "2g" }, ["memoryReservation"]],
    [{ stopGracePeriod: "1500ms" }, ["stopGracePeriod"]],
    [{ ports: ["8080:80", "8080:81"] }, ["ports"]],
    [{ ports: ["8080-8081:80"] }, ["ports[0]"]],
    [{ ports: [{ target: 80, hostIP: "1.2.3.4" }] }, ["ports[0]"]],
    [
      {
        mounts: [
          { type: "tmpfs", target: "/a" },
          { type: "tmpfs", target: "/a/" },
        ],
      },
      ["mounts[1].target"],
    ],
    [{ mounts: [{ type: "volume", target: "/a", subpath: "../b" }] }, ["mounts[0].subpath"]],
    [{ labels: { "dev.fairlead.project": "x" } }, ["labels.dev.fairlead.project"]],
    [{ name: "a;rm -rf /" }, ["name"]],
    [{ hostname: "\u001b[31m" }, ["hostname"]],
    [{ healthcheck: { test: "true", disable: true } }, ["healthcheck"]],
    [{ env: { A: { toString: 1 } } }, ["env.A"]],
    [{ command: "sleep 1" }, ["command"]],
    [{ memory: null }, ["memory"]],
  ])("%j is refused", (spec, paths) => {
    expect(problemsOf(spec)).toEqual(paths);
  });

  test("every field has a rule and a sentence", () => {
    for (const [name, meta] of fieldsOf(container)) {
      expect(meta.doc, name).toMatch(/^[A-Z].*\.$/);
      expect(meta.rule).toBeTruthy();
    }
  });

  test("port ranges are spread out and sorted", () => {
    const { value } = check(container, {
      image: "app",
      ports: ["8000-8001:80-81", "127.0.0.1:53:53/udp", 9000, "[::1]:7000:7000"],
    });
    const byTarget = value?.ports?.toSorted((a, b) => a.target - b.target);
    expect(byTarget).toEqual([
      { target: 53, published: 53, hostIp: "127.0.0.1", protocol: "udp" },
      { target: 80, published: 8000, protocol: "tcp" },
      { target: 81, published: 8001, protocol: "tcp" },
      { target: 7000, published: 7000, hostIp: "::1", protocol: "tcp" },
      { target: 9000, protocol: "tcp" },
    ]);
  });
});

describe("the check of a host", () => {
  test.each([
    ["local", { host: "local" }],
    ["web.example", { host: "web.example" }],
    ["deploy@web.example:2222", { host: "web.example", user: "deploy", port: 2222 }],
    ["ssh://deploy@[2001:db8::1]:22", { host: "2001:db8::1", user: "deploy", port: 22 }],
    ["unix:///run/d.sock", { host: "local", engine: "docker", socket: "/run/d.sock" }],
  ])("%s is an address", (text, value) => {
    expect(check(host, text)).toEqual({ value, problems: [] });
  });

  test.each([
    ["-oProxyCommand=evil"],
    ["ssh://-evil@web"],
    ["a b"],
    [""],
    ["ssh://web:99999"],
    ["http://web"],
    [{ host: "web", userr: "x" }],
    [{ user: "x" }],
    [5],
  ])("%j is refused", (value) => {
    expect(check(host, value).problems.length).toBeGreaterThan(0);
  });
});

describe("the check of a stack", () => {
  test("problems of all resources come together", () => {
    const stack = {
      project: "Bad Name",
      hosts: { a: "local", b: { host: "x", port: 0 } },
      resources: [
        { kind: "container", host: "a", name: "web", spec: { image: "" } },
        { kind: "container", host: "a", name: "web", spec: { image: "x" } },
        { kind: "volume", host: "c", name: "../data", spec: {} },
      ],
    } as StackInput;
    let message = "";
    try {
      checkStack(stack);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message.split("\n").map((line) => line.split(": ")[0])).toEqual([
      "project",
      "hosts.b.port",
      "containers.web.image",
      "containers.web",
      "volumes.../data",
      "volumes.../data",
    ]);
  });
});

describe("units", () => {
  test.each([
    ["512m", 512 * 1024 ** 2],
    ["1.5gb", 1.5 * 1024 ** 3],
    ["64kib", 65_536],
    ["10b", 10],
    ["10", 10],
    [10, 10],
    ["1e3", undefined],
    ["-1", undefined],
    ["", undefined],
    ["1 m", 1024 ** 2],
    [1.5, undefined],
    ["99999999p", undefined],
  ])("%j is %s bytes", (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes);
    if (bytes !== undefined) expect(parseBytes(formatBytes(bytes))).toBe(bytes);
  });

  test.each([
    ["1m30s", 90_000],
    ["500ms", 500],
    ["1.5h", 5_400_000],
    ["0", 0],
    ["10us", 0],
    ["10", undefined],
    ["", undefined],
    ["1x", undefined],
    ["1m x", undefined],
    [250, 250],
    [-1, undefined],
  ])("%j is %s milliseconds", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
    if (ms !== undefined) expect(parseDuration(formatDuration(ms))).toBe(ms);
  });
});

describe("a secret", () => {
  test("never prints", () => {
    const hidden = secret("hush");
    const shown = [`${hidden}`, JSON.stringify({ hidden }), print({ hidden }), String([hidden])];
    for (const text of shown) expect(text).not.toContain("hush");
    expect(hidden.reveal()).toBe("hush");
  });

  test("has another hash in another place", () => {
    expect(hashSecret(secret("a"), "x")).toBe(hashSecret(secret("a"), "x"));
    expect(hashSecret(secret("a"), "x")).not.toBe(hashSecret(secret("a"), "y"));
    expect(hashSecret(secret("a"), "x")).not.toBe(hashSecret(secret("b"), "x"));
  });
});
