// What a plan shows of a Compose stack: flat text by field, without what must not be seen, and the
// same with what a host has.
import { describe, expect, test } from "vitest";
import { drifted, outlineOf, WRITE_ONLY } from "../../../providers/terraform/compose/outline.ts";
import type { NormalSpec } from "../../../resources/model/canonical.ts";
import { secret } from "../../../resources/model/secret.ts";

const place = { salt: "shop/app", hidden: ["hush"] };
const hash = (value: string, field: string) =>
  outlineOf({ [field]: { A: secret(value) } }, place)[`${field}.A`];

describe("an outline", () => {
  const cases: [string, NormalSpec, Record<string, string>][] = [
    ["a number and a text", { memory: 64, user: "u" }, { memory: "64", user: "u" }],
    ["a list as JSON", { command: ["a", "b"] }, { command: '["a","b"]' }],
    ["keys one by one", { env: { A: "1", B: "2" } }, { "env.A": "1", "env.B": "2" }],
    [
      "what is inside a key as JSON",
      { mounts: { "/d": { b: 1, a: 2 } } },
      {
        "mounts./d": '{"a":2,"b":1}',
      },
    ],
    ["nothing for what is not set", { init: undefined, labels: {} }, { labels: "{}" }],
    ["no write-only value", { env: { A: "x-hush-x" } }, { "env.A": WRITE_ONLY }],
    ["none in a list", { command: ["a", "hush"] }, { command: `["a","${WRITE_ONLY}"]` }],
    ["none that is marked", { env: { A: secret("hush") } }, { "env.A": WRITE_ONLY }],
    [
      "none in the base64 of a file",
      { files: { "/f": { content: secret(Buffer.from("a hush").toString("base64")), mode: 256 } } },
      { "files./f": `{"content":"${WRITE_ONLY}","mode":256}` },
    ],
  ];
  test.each(cases)("has %s", (_what, normal, outline) => {
    expect(outlineOf(normal, place)).toEqual(outline);
  });

  test("has a salted hash of a secret, which tells a change and no more", () => {
    expect(hash("one", "env")).toMatch(/^secret:[0-9a-f]{12}$/);
    expect(hash("one", "env")).toBe(hash("one", "env"));
    expect(hash("one", "env")).not.toBe(hash("two", "env"));
    expect(hash("one", "env")).not.toBe(hash("one", "labels"));
  });
});

describe("drift", () => {
  const outline = outlineOf(
    { memory: 64, env: { A: "1", B: secret("two"), C: "hush" }, mounts: { "/d": { size: 1 } } },
    place,
  );
  const { "env.B": _gone, ...without } = outline;
  const three = outlineOf({ env: { B: secret("three") } }, place);
  const cases: [string, NormalSpec, Record<string, string>][] = [
    ["of a field", { memory: 32 }, { ...outline, memory: "32" }],
    [
      "of keys, of which those that the engine adds do not count",
      { env: { A: "2", C: "any", PATH: "/" } },
      { ...without, "env.A": "2" },
    ],
    [
      "of a secret, as its hash",
      { env: { A: "1", B: "three", C: "any" } },
      { ...outline, ...three },
    ],
    ["none of what the engine does not show", {}, outline],
    ["none of what an engine fills in", { mounts: { "/d": { size: 1, mode: 7 } } }, outline],
  ];
  test.each(cases)("%s", (_what, seen, expected) => {
    expect(drifted(outline, seen, place)).toEqual(expected);
  });

  test("none of the same secret in the clear", () => {
    const seen = { memory: 64, env: { A: "1", B: "two", C: "any" } };
    expect(drifted(outline, seen, place)).toEqual(outline);
  });
});
