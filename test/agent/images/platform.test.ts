import { describe, expect, it } from "vitest";
import {
  choosePlatform,
  formatPlatform,
  hostPlatform,
  parsePlatform,
} from "../../../agent/images/platform.ts";

describe("platforms", () => {
  it.each([
    ["linux/amd64", "linux/amd64/v1"],
    ["arm64", "linux/arm64/v8"],
    ["linux/aarch64", "linux/arm64/v8"],
    ["linux/arm/v6", "linux/arm/v6"],
    ["linux/armel", "linux/arm/v6"],
    ["windows/amd64", "windows/amd64/v1"],
  ])("reads %s as %s", (text, full) => {
    expect(formatPlatform(parsePlatform(text))).toBe(full);
  });

  it.each(["", "a/b/c/d", "linux/", "linux/am d64", "../x"])("refuses %j", (text) => {
    expect(() => parsePlatform(text)).toThrow(/not a platform/);
  });

  it.each([
    ["linux/arm/v7", "linux/arm/v7"],
    ["linux/arm/v6", "linux/arm/v6"],
    ["linux/arm/v5", undefined],
    ["linux/amd64/v3", "linux/amd64/v2"],
    ["linux/amd64", "linux/amd64/v1"],
    ["linux/s390x", undefined],
  ])("chooses for %s the entry %s", (wanted, chosen) => {
    const offers = [
      "linux/arm/v6",
      "linux/arm/v7",
      "linux/amd64/v2",
      "linux/amd64",
      "windows/amd64",
    ];
    const entries = offers.map((text) => ({ platform: parsePlatform(text) }));
    const found = choosePlatform(entries, parsePlatform(wanted));
    expect(found && formatPlatform(found.platform)).toBe(chosen);
  });

  it("knows this host", () => {
    expect(hostPlatform("x64").architecture).toBe("amd64");
    expect(hostPlatform("arm64")).toEqual({ os: "linux", architecture: "arm64", variant: "v8" });
  });
});
