import { describe, expect, test } from "vitest";
import { LOG_DRIVERS } from "../../../agent/logs/drivers/registry.ts";
import { checkLog, logSettings } from "../../../agent/logs/settings.ts";
import { source } from "./source.ts";

const CACHE = { maxSizeBytes: 20 * 1024 * 1024, maxFiles: 5 };
const SYSLOG = { "syslog-address": "udp://127.0.0.1" };
const GELF = { "gelf-address": "udp://127.0.0.1" };

describe("the log of a container", () => {
  test.each<[string, Record<string, string>, object]>([
    ["", {}, { driver: "json-file", maxSizeBytes: 0, maxFiles: 1 }],
    ["json-file", { "max-size": "10k", "max-file": "3" }, { maxSizeBytes: 10_240, maxFiles: 3 }],
    ["json-file", { "max-file": "3" }, { maxSizeBytes: 0, maxFiles: 3 }],
    ["json-file", { mode: "non-blocking" }, { bufferBytes: 1024 * 1024 }],
    ["json-file", { mode: "non-blocking", "max-buffer-size": "4k" }, { bufferBytes: 4096 }],
    ["json-file", { labels: "team", env: "COLOR" }, { attributes: '{"COLOR":"red","team":"x"}' }],
    ["json-file", { "env-regex": "^N" }, { attributes: '{"NOTE":"a \\u003c b"}' }],
    ["json-file", { tag: "{{.Name}}/{{.ID}}" }, { attributes: '{"tag":"web/0123456789ab"}' }],
    ["local", {}, CACHE],
    ["local", { "max-size": "1m", "max-file": "2" }, { maxSizeBytes: 1024 * 1024, maxFiles: 2 }],
    ["syslog", SYSLOG, { driver: "json-file", ...CACHE }],
    ["gelf", { ...GELF, "cache-max-size": "1m" }, { maxSizeBytes: 1024 * 1024, maxFiles: 5 }],
    ["none", {}, { driver: "none" }],
  ])("of %j with %j is kept as said", (driver, options, expected) => {
    expect(logSettings({ driver, options }, "/log", source())).toMatchObject(expected);
  });

  test.each<[string, Record<string, string>, string]>([
    ["nope", {}, "no log driver named 'nope'"],
    ["local", { tag: "x" }, "unknown log opt 'tag' for local log driver"],
    ["none", { mode: "non-blocking" }, "unknown log opt 'mode'"],
    ["json-file", { "max-size": "x" }, 'invalid value for max-size: "x"'],
    ["json-file", { "max-file": "0" }, "max-file cannot be less than 1"],
    ["json-file", { compress: "maybe" }, "compress must be true or false"],
    ["json-file", { compress: "true" }, "compress cannot be true when max-file is less than 2"],
    ["json-file", { mode: "x" }, "logging mode not supported: x"],
    ["json-file", { "max-buffer-size": "1m" }, "only supported with 'mode=non-blocking'"],
    ["json-file", { "labels-regex": "(" }, "error parsing regexp of labels-regex"],
    ["json-file", { "labels-regex": "^(t+)+$" }, "it takes too long"],
    ["json-file", { tag: "{{.Nope}}" }, "can't evaluate"],
    ["json-file", { tag: "{{.constructor}}" }, "can't evaluate"],
    ["json-file", { tag: "{{.ID" }, "an action is not closed"],
    ["syslog", { "syslog-address": "foo://x" }, "should be in form proto://address, got foo://x"],
    ["syslog", { "syslog-address": "udp://a b:1" }, "is no HOST:PORT"],
    ["syslog", { ...SYSLOG, "syslog-format": "x" }, "Invalid syslog format"],
    ["syslog", { ...SYSLOG, "syslog-facility": "x" }, "invalid syslog facility"],
    ["gelf", {}, "gelf-address is a required parameter"],
    ["gelf", { "gelf-address": "http://x" }, "should be in form proto://address, got http://x"],
    ["gelf", { ...GELF, "gelf-compression-type": "x" }, 'unknown value "x"'],
    ["gelf", { "gelf-address": "tcp://x", "gelf-compression-type": "gzip" }, "only supported on U"],
    ["fluentd", { "fluentd-address": "x://1" }, "invalid fluentd-address x://1"],
    ["fluentd", { "fluentd-buffer-limit": "x" }, "invalid size: 'x'"],
    ["fluentd", { "cache-compress": "x" }, "compress must be true or false"],
  ])("of %j with %j is refused: %s", (driver, options, message) => {
    const labels = { [`${"t".repeat(200)}!`]: "" };
    expect(() => checkLog({ driver, options }, source({ labels }))).toThrow(message);
  });

  test("takes no option that its driver does not name", () => {
    for (const { name } of LOG_DRIVERS) {
      const wish = { driver: name, options: { nope: "1" } };
      expect(() => checkLog(wish, source())).toThrow(`unknown log opt 'nope' for ${name}`);
    }
  });
});
