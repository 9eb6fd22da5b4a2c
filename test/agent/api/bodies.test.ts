import { describe, expect, test } from "vitest";
import * as z from "zod";
import { readCreateBody, readExecBody, readUpdateBody } from "../../../agent/api/container-body.ts";
import { matchesLabels, readFilters, readFlag, readTime } from "../../../agent/api/filters.ts";
import { decode } from "../../../agent/api/json.ts";

describe("the body of a creation", () => {
  test("is taken apart, without nulls and with commands as lists", () => {
    const body = readCreateBody({
      Image: "x",
      Cmd: "one",
      Entrypoint: null,
      Env: null,
      Labels: { a: null },
      HostConfig: { Memory: 5, Binds: null, MaskedPaths: [], PortBindings: { "80/tcp": null } },
      NetworkingConfig: { EndpointsConfig: { m: { Aliases: ["a"] } } },
      Fairlead: {
        Files: [{ Target: "/f", Uid: 1, Gid: 2, Mode: 256, Content: "aGk=", Secret: true }],
      },
    });
    expect(body.config).toEqual({ Image: "x", Cmd: ["one"], Labels: { a: "" } });
    expect(body.hostConfig).toEqual({
      Memory: 5,
      MaskedPaths: [],
      PortBindings: { "80/tcp": null },
    });
    expect(body.networking).toEqual({ EndpointsConfig: { m: { Aliases: ["a"] } } });
    expect(body.files).toHaveLength(1);
  });

  const file = { Target: "/f", Uid: 0, Gid: 0, Mode: 0, Content: "", Secret: false };
  test.each([
    [[], "the body"],
    [null, "Config cannot be empty"],
    [{ HostConfig: {} }, "Config cannot be empty"],
    ["text", "the body"],
    [{ Tty: "yes" }, "Tty"],
    [{ tty: "yes" }, "Tty"],
    [{ Env: "A=1" }, "Env"],
    [{ Env: [1] }, "Env.0"],
    [{ Labels: { a: 1 } }, "Labels.a"],
    [{ HostConfig: { Memory: "1g" } }, "HostConfig.Memory"],
    [{ HostConfig: { Memory: 1.5 } }, "HostConfig.Memory"],
    [{ HostConfig: { PortBindings: { "80/tcp": [{ HostPort: 80 }] } } }, "HostPort"],
    [{ HostConfig: { Mounts: [{ Type: "bind" }] } }, "HostConfig.Mounts.0.Target"],
    [{ HostConfig: { CgroupParent: "../../x y" } }, "HostConfig.CgroupParent"],
    [
      { Image: "x", NetworkingConfig: { EndpointsConfig: { n: null } } },
      "no EndpointSettings for n",
    ],
    [{ Fairlead: { Files: [{ ...file, Content: "§" }] } }, "Fairlead.Files.0.Content"],
    [{ Fairlead: { Files: [{ ...file, Target: "rel" }] } }, "Fairlead.Files.0.Target"],
    [{ Fairlead: { Files: [{ ...file, Mode: 0o10000 }] } }, "Fairlead.Files.0.Mode"],
    [{ Fairlead: { Files: [], More: 1 } }, "Fairlead"],
  ])("of the shape %j is refused with its path", (body, path) => {
    expect(() => readCreateBody(body)).toThrow(path);
  });

  test("names every problem at once", () => {
    expect(() => readCreateBody({ Tty: 1, User: 2 })).toThrow(/User: .*; Tty: |Tty: .*; User: /);
  });

  const beside: [title: string, body: object, hostConfig: object][] = [
    [
      "read when there is no HostConfig",
      { Privileged: true, memory: 5 },
      { Privileged: true, Memory: 5 },
    ],
    [
      "five beside a HostConfig",
      { Memory: 5, CpuShares: 6, Runtime: "no", HostConfig: {} },
      { Memory: 5, CpuShares: 6 },
    ],
    [
      "given way to a HostConfig that has them",
      { Memory: 5, HostConfig: { Memory: 7 } },
      { Memory: 7 },
    ],
    ["named Cpuset too", { Cpuset: "0", HostConfig: {} }, { CpusetCpus: "0" }],
  ];
  test.each(beside)("may have keys of HostConfig at its top, which are %s", (_, body, host) => {
    expect(readCreateBody({ Image: "x", ...body }).hostConfig).toEqual(host);
  });
});

describe("a body's keys", () => {
  const shape = z.object({
    Name: z.optional(z.string()),
    List: z.optional(z.array(z.object({ Path: z.string() }))),
    Map: z.optional(z.record(z.string(), z.object({ Value: z.string() }))),
    Fixed: z.optional(z.strictObject({ A: z.string() })),
  });
  test.each([
    [{ name: "a" }, { Name: "a" }],
    [{ NAME: "a" }, { Name: "a" }],
    [{ Name: "a", name: "b" }, { Name: "b" }],
    [{ name: "b", Name: "a" }, { Name: "a" }],
    [{ Name: null, Odd: { deep: 1 } }, {}],
    [{ list: [{ path: "/", Mode: 1 }] }, { List: [{ Path: "/" }] }],
    [
      { map: { name: { VALUE: "x" }, Name: { value: "y" } } },
      { Map: { name: { Value: "x" }, Name: { Value: "y" } } },
    ],
    [JSON.parse('{"__proto__": {"Name": "a"}, "constructor": 1}'), {}],
  ])("%j are read as %j", (body, value) => {
    expect(decode(shape, body)).toEqual(value);
  });
  test.each([
    [{ name: 1 }, "Name: "],
    [{ list: [{ PATH: 1 }] }, "List.0.Path: "],
    [{ Fixed: { A: "x", B: 1 } }, "Fixed: "],
    [[], "the body: "],
  ])("of %j are named in the refusal", (body, path) => {
    expect(() => decode(shape, body)).toThrow(path);
  });
});

test("other bodies are checked too", () => {
  expect(readExecBody({ cmd: "x", Env: null, detachkeys: "ctrl-x" })).toEqual({
    Cmd: ["x"],
    DetachKeys: "ctrl-x",
  });
  expect(() => readExecBody({ Cmd: 1 })).toThrow("Cmd");
  expect(() => readUpdateBody({ Memory: "x" })).toThrow("Memory");
});

describe("queries", () => {
  const filters = (value: string) =>
    Object.fromEntries(readFilters(new URLSearchParams({ filters: value }), ["label", "name"]));
  test("give filters in both forms", () => {
    expect(filters('{"label":["a=b"]}')).toEqual({ label: ["a=b"] });
    expect(filters('{"label":{"a=b":true,"c":true}}')).toEqual({ label: ["a=b", "c"] });
    expect(filters("")).toEqual({});
  });
  test.each(['{"nope":["x"]}', "[", "[]", '{"label":1}', '{"label":[1]}', "null"])(
    "are refused: %s",
    (value) => expect(() => filters(value)).toThrow("filter"),
  );
  test("give times and flags", () => {
    expect(readTime("since", "1.5")).toBe(1_500_000_000n);
    expect(readTime("since", "1700000000.000000001")).toBe(1_700_000_000_000_000_001n);
    expect(readTime("since", "0")).toBeUndefined();
    expect(() => readTime("since", "soon")).toThrow("since");
    const flag = (text: string) => readFlag(new URLSearchParams({ f: text }), "f");
    expect(["1", "true", "yes"].map(flag)).toEqual([true, true, true]);
    expect(["", "0", "false", "no", "None"].map(flag)).toEqual([false, false, false, false, false]);
  });
  test("match labels by key and by value", () => {
    expect(matchesLabels(["a", "b=c"], { a: "", b: "c" })).toBe(true);
    expect(matchesLabels(["b=x"], { b: "c" })).toBe(false);
    expect(matchesLabels(["toString"], {})).toBe(false);
  });
});
