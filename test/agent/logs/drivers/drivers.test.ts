// What each driver sends to a receiver of the tests' own, in the shapes that dockerd 20.10 sent to
// the same one.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, inflateSync } from "node:zlib";
import { decode, decodeMulti, type ExtData } from "@msgpack/msgpack";
import { expect, test } from "vitest";
import type { LogLine, LogOptions } from "../../../../agent/logs/driver/driver.ts";
import { journalEncoder } from "../../../../agent/logs/drivers/journald.ts";
import { logDriver } from "../../../../agent/logs/drivers/registry.ts";
import { host, ID, source } from "../source.ts";

const TIME = "2030-01-02T03:04:05.006007008Z";
const SHORT = ID.slice(0, 12);
const out = (text: string): LogLine => ({ stream: "stdout", text, time: TIME });
const err = (text: string): LogLine => ({ stream: "stderr", text, time: TIME });
const part = (text: string, ordinal: number, last: boolean): LogLine => {
  return { ...out(text), part: { id: "p", ordinal, last } };
};
const bytesOf = (chunks: Buffer[]) => Buffer.concat(chunks);

interface Receiver {
  port: number;
  got: Buffer[];
  close: () => void;
}

async function udp(): Promise<Receiver> {
  const got: Buffer[] = [];
  const socket = createSocket("udp4").on("message", (message) => got.push(message));
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return { port: socket.address().port, got, close: () => socket.close() };
}

async function stream(at: { path: string } | { port: 0 }, reply?: (chunk: Buffer) => Buffer) {
  const got: Buffer[] = [];
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      got.push(chunk);
      if (reply) socket.write(reply(chunk));
    });
  });
  server.listen({ host: "127.0.0.1", ...at });
  await once(server, "listening");
  const { port = 0 } = (server.address() as AddressInfo) ?? {};
  const close = () => {
    for (const socket of open) socket.destroy();
    server.close();
  };
  return { port, got, close };
}

async function send(driver: string, options: LogOptions, lines: LogLine[], to: Receiver) {
  const receiver = logDriver(driver).receiver?.(options, source(), host);
  if (!receiver) throw new Error(`${driver} has no receiver`);
  await receiver.send(lines);
  receiver.close();
  await expect.poll(() => to.got.length, { timeout: 5000 }).toBeGreaterThan(0);
}

/** What does not depend on the process that sends. */
const plain = (chunks: Buffer[]) =>
  bytesOf(chunks)
    .toString()
    .replaceAll(`[${process.pid}]`, "[P]")
    .replaceAll(` ${process.pid} `, " P ");

const STAMP = /[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d/g;

test.each<[string, LogOptions, string]>([
  ["the usual form", {}, `<30>STAMP ${SHORT}[P]: one\n<27>STAMP ${SHORT}[P]: two\n`],
  [
    "RFC 3164",
    { "syslog-format": "rfc3164", "syslog-facility": "local3", tag: "{{.Name}}/{{.ID}}" },
    `<158>STAMP box web/${SHORT}[P]: one\n<155>STAMP box web/${SHORT}[P]: two\n`,
  ],
  [
    "RFC 5424",
    { "syslog-format": "rfc5424", "syslog-facility": "16" },
    [`<134>1 2030-01-02T03:04:05Z box ${SHORT} P ${SHORT} - one\n`].join("") +
      `<131>1 2030-01-02T03:04:05Z box ${SHORT} P ${SHORT} - two\n`,
  ],
  [
    "RFC 5424 with microseconds",
    { "syslog-format": "rfc5424micro" },
    `<30>1 2030-01-02T03:04:05.006007Z box ${SHORT} P ${SHORT} - one\n` +
      `<27>1 2030-01-02T03:04:05.006007Z box ${SHORT} P ${SHORT} - two\n`,
  ],
])("syslog writes %s to a connection", async (_, options, expected) => {
  const to = await stream({ port: 0 });
  const address = { "syslog-address": `tcp://127.0.0.1:${to.port}` };
  await send("syslog", { ...address, ...options }, [out("one"), err("two")], to);
  expect(plain(to.got).replace(STAMP, "STAMP")).toBe(expected);
  to.close();
});

test("syslog writes a message a datagram, and one that holds a newline stays one", async () => {
  const to = await udp();
  const options = { "syslog-address": `udp://127.0.0.1:${to.port}` };
  await send("syslog", options, [out("a\n<0>b")], to);
  expect(plain(to.got).replace(STAMP, "STAMP")).toBe(`<30>STAMP ${SHORT}[P]: a <0>b\n`);
  to.close();
});

test("syslog reaches a unix socket", async () => {
  const folder = mkdtempSync(join(tmpdir(), "syslog-"));
  const to = await stream({ path: join(folder, "s") });
  await send("syslog", { "syslog-address": `unix://${folder}/s` }, [out("one")], to);
  expect(plain(to.got)).toContain(`${SHORT}[P]: one\n`);
  to.close();
  rmSync(folder, { recursive: true });
});

const GELF = {
  version: "1.1",
  host: "box",
  short_message: "one",
  timestamp: Date.parse(TIME) / 1000,
  level: 6,
  _COLOR: "red",
  _team: "x",
  _command: "sh -c echo",
  _container_id: ID,
  _container_name: "web",
  _created: source().created,
  _image_id: source().imageId,
  _image_name: "busybox",
  _tag: "t-busybox",
};
const WITH = { labels: "team", env: "COLOR", tag: "t-{{.ImageName}}" };

test.each<[string, (bytes: Buffer) => Buffer]>([
  ["gzip", gunzipSync],
  ["zlib", inflateSync],
  ["none", (bytes) => bytes],
])("gelf sends a message by udp, compressed by %s", async (type, unpack) => {
  const to = await udp();
  const address = { "gelf-address": `udp://127.0.0.1:${to.port}` };
  await send("gelf", { ...address, "gelf-compression-type": type, ...WITH }, [out("one")], to);
  expect(JSON.parse(unpack(bytesOf(to.got)).toString())).toEqual(GELF);
  to.close();
});

test("gelf sends a long message in chunks", async () => {
  const to = await udp();
  const options = {
    "gelf-address": `udp://127.0.0.1:${to.port}`,
    "gelf-compression-type": "none",
  };
  await send("gelf", options, [out("a".repeat(4000))], to);
  await expect.poll(() => to.got.length).toBe(4);
  const chunks = to.got.sort((a, b) => (a[10] ?? 0) - (b[10] ?? 0));
  expect(chunks.map((chunk) => [chunk.readUInt16BE(0), chunk[10], chunk[11]])).toEqual(
    [0, 1, 2, 3].map((at) => [0x1e0f, at, 4]),
  );
  expect(Math.max(...chunks.map((chunk) => chunk.length))).toBe(1420);
  const whole = bytesOf(chunks.map((chunk) => chunk.subarray(12))).toString();
  expect(JSON.parse(whole).short_message).toBe("a".repeat(4000));
  to.close();
});

test("gelf ends each message with a null by tcp", async () => {
  const to = await stream({ port: 0 });
  await send("gelf", { "gelf-address": `tcp://127.0.0.1:${to.port}`, ...WITH }, [out("one")], to);
  const [first = "", rest] = bytesOf(to.got).toString().split("\0");
  expect(JSON.parse(first)).toEqual(GELF);
  expect(rest).toBe("");
  to.close();
});

test("fluentd gets an event for each line, and is told of parts", async () => {
  const to = await stream({ port: 0 });
  const options = { "fluentd-address": `127.0.0.1:${to.port}`, labels: "team" };
  await send("fluentd", options, [err("two"), part("en", 1, false), part("d", 2, true)], to);
  const event = (sourceName: string, log: string, more = {}) => {
    const record = { container_id: ID, container_name: "/web", source: sourceName, log };
    const seconds = Math.floor(Date.parse(TIME) / 1000);
    return [SHORT, seconds, { ...record, team: "x", ...more }, {}];
  };
  const parts = (ordinal: string, last: string) => ({
    ...{ partial_message: "true", partial_id: "p" },
    ...{ partial_ordinal: ordinal, partial_last: last },
  });
  expect([...decodeMulti(bytesOf(to.got))]).toEqual([
    event("stderr", "two"),
    event("stdout", "en", parts("1", "false")),
    event("stdout", "d", parts("2", "true")),
  ]);
  to.close();
});

test("fluentd gets nanoseconds, and acknowledges, where that is wanted", async () => {
  const to = await stream({ port: 0 }, (chunk) => {
    const [, , , { chunk: name }] = decode(chunk) as [string, ExtData, object, { chunk: string }];
    return Buffer.concat([Buffer.from([0x81, 0xa3]), Buffer.from("ack"), text(name)]);
  });
  const text = (name: string) =>
    Buffer.concat([Buffer.from([0xa0 + name.length]), Buffer.from(name)]);
  const options = {
    "fluentd-address": `tcp://127.0.0.1:${to.port}`,
    "fluentd-sub-second-precision": "true",
    "fluentd-request-ack": "true",
    tag: "docker.{{.Name}}",
  };
  await send("fluentd", options, [out("one")], to);
  const [tag, time] = decode(bytesOf(to.got)) as [string, ExtData];
  expect(tag).toBe("docker.web");
  const data = Buffer.from(time.data as Uint8Array);
  expect([time.type, data.readUInt32BE(0), data.readUInt32BE(4)]).toEqual([
    ...[0, Math.floor(Date.parse(TIME) / 1000), 6_007_008],
  ]);
  to.close();
});

test("journald gets fields, one with a newline by its length", () => {
  const encode = journalEncoder({ labels: "team,zone", tag: "{{.Name}}" }, source());
  const text = encode(part("a\nb", 1, false)).toString("latin1");
  expect(text.split("\n").slice(0, -4)).toEqual([
    "TEAM=x",
    "ZONE=a b",
    `CONTAINER_ID=${SHORT}`,
    `CONTAINER_ID_FULL=${ID}`,
    "CONTAINER_NAME=web",
    "CONTAINER_TAG=web",
    "IMAGE_NAME=busybox",
    "SYSLOG_IDENTIFIER=web",
    "PRIORITY=6",
    `SYSLOG_TIMESTAMP=${TIME}`,
    "CONTAINER_PARTIAL_MESSAGE=true",
    "CONTAINER_PARTIAL_ID=p",
    "CONTAINER_PARTIAL_ORDINAL=1",
    "CONTAINER_PARTIAL_LAST=false",
  ]);
  expect(text.endsWith("MESSAGE\n\x03\0\0\0\0\0\0\0a\nb\n")).toBe(true);
});
