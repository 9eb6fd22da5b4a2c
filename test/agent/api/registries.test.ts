import { expect, test } from "vitest";
import { readRegistries } from "../../../agent/api/registries.ts";

const header = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64");

test("credentials of a build are found by the registry's name", () => {
  const of = readRegistries(header({ "https://index.docker.io/v1/": { username: "u" } }));
  const found = Buffer.from(of("docker.io") ?? "", "base64url").toString();
  expect(JSON.parse(found)).toEqual({ username: "u" });
  expect(of("example.com")).toBeUndefined();
});

test.each([undefined, "", header(null), header({})])("%j has none", (value) => {
  expect(readRegistries(value)("docker.io")).toBeUndefined();
});

test.each(["!", header([]), header({ "a.b": "x" })])("%j is refused", (value) => {
  expect(() => readRegistries(value)).toThrow("X-Registry-Config cannot be read");
});
