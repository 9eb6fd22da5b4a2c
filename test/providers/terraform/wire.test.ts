import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { decode } from "../../../providers/rpc/protobuf.ts";
import { selfSigned } from "../../../providers/terraform/protocol/certificate.ts";
import * as wire from "../../../providers/terraform/protocol/messages.ts";
import {
  fromMsgpack,
  hasUnknown,
  same,
  toMsgpack,
  UNKNOWN,
  Unknown,
  type Value,
} from "../../../providers/terraform/protocol/value.ts";
import { FUNCTIONS } from "../../../providers/terraform/schema/functions.ts";

describe("Terraform's values", () => {
  const cases: [string, Value][] = [
    ["nothing", null],
    ["an object", { a: "x", b: null, c: [1, true, -7], d: { e: 2 ** 53 - 1 } }],
    ["an unknown value", { a: UNKNOWN, b: [UNKNOWN] }],
  ];
  test.each(cases)("%s comes back as it went", (_what, value) => {
    expect(fromMsgpack(toMsgpack(value))).toEqual(value);
  });

  test("an unknown value is the three bytes that cty expects", () => {
    expect([...toMsgpack(UNKNOWN)]).toEqual([0xd4, 0, 0]);
  });

  test("a refinement is kept byte for byte", () => {
    const refined = Uint8Array.of(0xc7, 3, 12, 0x81, 1, 0xc2);
    const value = fromMsgpack(refined);
    expect(value).toBeInstanceOf(Unknown);
    expect([...toMsgpack(value)]).toEqual([...refined]);
  });

  test("numbers that a double cannot hold exactly travel as text", () => {
    expect(fromMsgpack(toMsgpack([0.1, 1e29, 3]))).toEqual(["0.1", "1e+29", 3]);
  });

  test("are equal by content, and unknown ones never", () => {
    expect(same({ a: [1], b: null }, { a: [1] })).toBe(true);
    expect(same({ a: [1, 2] }, { a: [2, 1] })).toBe(false);
    expect(same(UNKNOWN, UNKNOWN)).toBe(false);
    expect(hasUnknown({ a: [{ b: UNKNOWN }] })).toBe(true);
  });
});

describe("the provider's functions", () => {
  const cases: [string, Value, Value][] = [
    ["duration_seconds", "1m30s", 90],
    ["duration_seconds", "500ms", 0.5],
    ["format_duration", 90, "1m30s"],
    ["format_duration", 0.25, "250ms"],
  ];
  test.each(cases)("%s of %s is %s", (name, given, result) => {
    expect(FUNCTIONS[name]!.call(given)).toBe(result);
  });

  test("parse_reference takes a reference apart", () => {
    const digest = `sha256:${"a".repeat(64)}`;
    expect(FUNCTIONS.parse_reference!.call(`ghcr.io/x/app:1@${digest}`)).toEqual({
      ...{ domain: "ghcr.io", path: "x/app", tag: "1", digest, name: `ghcr.io/x/app:1@${digest}` },
      full: `ghcr.io/x/app:1@${digest}`,
    });
    expect(FUNCTIONS.parse_reference!.call("nginx")).toMatchObject({
      ...{ domain: "docker.io", path: "library/nginx", digest: null, name: "nginx:latest" },
    });
  });

  test("say what is wrong with an argument", () => {
    expect(() => FUNCTIONS.parse_reference!.call("UPPER:1")).toThrow(/reference/);
    expect(() => FUNCTIONS.duration_seconds!.call("soon")).toThrow(/is not a duration/);
    expect(() => FUNCTIONS.format_duration!.call(-1)).toThrow(/0 or more seconds/);
  });
});

test("the certificate is one for localhost that signs itself", () => {
  for (let round = 0; round < 20; round++) {
    const made = selfSigned();
    const read = new X509Certificate(made.cert);
    expect(read.subject).toBe("CN=localhost");
    expect(read.subjectAltName).toBe("DNS:localhost");
    expect(read.ca).toBe(true);
    expect(read.verify(read.publicKey)).toBe(true);
    expect(read.raw.equals(made.der)).toBe(true);
  }
});

test("an ephemeral resource's request has capabilities where a data source's has metadata", () => {
  const bytes = Uint8Array.of(0x0a, 1, 0x74, 0x1a, 2, 0x08, 1);
  const { type_name, client_capabilities } = decode(wire.OpenRequest, bytes);
  expect(type_name).toBe("t");
  expect(client_capabilities?.deferral_allowed).toBe(true);
});
