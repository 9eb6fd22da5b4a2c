import { describe, expect, it } from "vitest";
import { applyChanges } from "../../../../agent/build/changes.ts";
import { readChallenge, readCredentials } from "../../../../agent/images/registry-auth.ts";
import { isInsecureHost } from "../../../../agent/images/registry-transport.ts";
import { readUntil } from "../../../../agent/objects/filter.ts";
import { matchesGlob } from "../../../../agent/objects/image/filter.ts";

describe("name patterns", () => {
  it.each([
    ["busybox", "busybox", true],
    ["busy*", "busybox", true],
    ["*", "a/b", false],
    ["*/*", "a/b", true],
    ["a/*:1?", "a/b:12", true],
    ["a?", "a", false],
    [`${"*a".repeat(50)}b`, "a".repeat(300), false],
  ])("%s with %s is %s", (pattern, text, matches) => {
    expect(matchesGlob(pattern, text)).toBe(matches);
  });
});

describe("times of a prune", () => {
  const now = Date.parse("2024-01-02T00:00:00Z");
  it.each([
    ["24h", 1704067200],
    ["1h30m", 1704148200],
    ["1700000000", 1700000000],
    ["2024-01-01T00:00:00Z", 1704067200],
  ])("reads %s", (text, seconds) => expect(readUntil(text, now)).toBe(seconds));

  it.each(["", "soon", "1x", "h"])("refuses %j", (text) => {
    expect(() => readUntil(text, now)).toThrow(/no time/);
  });
});

describe("changes of a configuration", () => {
  it.each([
    ['CMD ["a", "b"]', { Cmd: ["a", "b"] }],
    ["cmd echo hi", { Cmd: ["/bin/sh", "-c", "echo hi"] }],
    ['ENTRYPOINT ["/x"]', { Entrypoint: ["/x"] }],
    ["ENV A 1 2", { Env: ["OLD=1", "A=1 2"] }],
    ['ENV OLD="2 3" B=\\"', { Env: ["OLD=2 3", 'B="'] }],
    ["EXPOSE 80 53/udp", { ExposedPorts: { "80/tcp": {}, "53/udp": {} } }],
    ["LABEL a=b c='d e'", { Labels: { a: "b", c: "d e" } }],
    ['VOLUME ["/a", "/b c"]', { Volumes: { "/a": {}, "/b c": {} } }],
    ["USER 1000:1000", { User: "1000:1000" }],
    ["WORKDIR /srv", { WorkingDir: "/srv" }],
    ["STOPSIGNAL SIGQUIT", { StopSignal: "SIGQUIT" }],
  ])("applies %s", (line, expected) => {
    expect(applyChanges({ Env: ["OLD=1"] }, [line])).toMatchObject(expected);
  });

  it.each(["RUN x", "", "CMD", "EXPOSE x", "ENV A=1 =2"])("refuses %j", (line) => {
    expect(() => applyChanges({}, [line])).toThrow();
  });
});

describe("credentials and challenges", () => {
  const header = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  it.each([
    [
      { username: "u", password: "p" },
      { username: "u", password: "p" },
    ],
    [{ auth: Buffer.from("u:p:q").toString("base64") }, { username: "u", password: "p:q" }],
    [{ identitytoken: "t", username: "" }, { identityToken: "t" }],
    [{ registrytoken: "t" }, { registryToken: "t" }],
    [{ serveraddress: "x" }, {}],
  ])("reads %j", (value, expected) => {
    expect(readCredentials(header(value))).toEqual(expected);
  });

  it.each([
    ['Bearer realm="https://a/t",service="s",scope="x,y"', "bearer", "https://a/t"],
    ['Basic realm="r", Bearer realm="https://b",service=s', "bearer", "https://b"],
    ["Basic realm=plain", "basic", "plain"],
  ])("reads %s", (text, scheme, realm) => {
    const challenge = readChallenge(text);
    expect([challenge?.scheme, challenge?.parameters.realm]).toEqual([scheme, realm]);
  });

  it.each([
    ["localhost:5000", true],
    ["127.0.0.1", true],
    ["127.8.9.1:80", true],
    ["[::1]:5000", true],
    ["localhost.evil.com", false],
    ["127.0.0.1.evil.com:80", false],
    ["registry.example.com", false],
  ])("thinks %s insecure: %s", (host, insecure) => expect(isInsecureHost(host)).toBe(insecure));
});
