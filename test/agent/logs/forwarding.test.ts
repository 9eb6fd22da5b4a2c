import { once } from "node:events";
import { appendFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LogForwarding } from "../../../agent/logs/forwarding.ts";
import { RecordStore } from "../../../agent/state/record-store.ts";
import { ID, source } from "./source.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "forwarding-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const line = (text: string) => {
  const time = "2030-01-01T00:00:00Z";
  return `${JSON.stringify({ log: `${text}\n`, stream: "stdout", time })}\n`;
};

test("a container's lines are sent once, by one agent after the other, to the last", async () => {
  let got = "";
  const server = createServer((socket) => {
    socket.on("data", (chunk) => (got += chunk)).on("error", () => undefined);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const told: string[] = [];
  const report = (text: string) => told.push(text);
  const agent = () => new LogForwarding(new RecordStore(report), async () => 0, report);
  const path = join(folder, `${ID}-json.log`);
  writeFileSync(path, line("one"));
  let listener: () => void = () => undefined;
  let alive = true;
  const forwarded = {
    ...{ id: ID, source: source(), path },
    config: {
      driver: "syslog",
      options: { "syslog-address": `tcp://127.0.0.1:${port}`, tag: "t", mode: "non-blocking" },
    },
    alive: () => alive,
    onChange: (changed: () => void) => {
      listener = changed;
      return () => undefined;
    },
  };
  const texts = () => [...got.matchAll(/t\[\d+\]: (.*)\n/g)].map(([, text]) => text);

  const first = agent();
  first.begin(forwarded);
  first.begin(forwarded);
  await expect.poll(texts).toEqual(["one"]);
  appendFileSync(path, line("two"));
  await expect.poll(texts).toEqual(["one", "two"]);
  await first.close();

  const second = agent();
  appendFileSync(path, line("three"));
  second.begin(forwarded);
  await expect.poll(texts).toEqual(["one", "two", "three"]);
  appendFileSync(path, line("four"));
  alive = false;
  listener();
  await second.end(ID, 5000);
  expect(texts()).toEqual(["one", "two", "three", "four"]);
  expect(existsSync(join(folder, `${ID}.sent.json`))).toBe(true);
  expect(told).toEqual([]);
  server.close();
});

test("a driver that only keeps lines, or is not known any more, sends none", async () => {
  const told: string[] = [];
  const report = (text: string) => told.push(text);
  const forwarding = new LogForwarding(new RecordStore(report), async () => 0, report);
  for (const driver of ["json-file", "gone", undefined]) {
    forwarding.begin({
      ...{ id: ID, source: source(), path: join(folder, "log"), config: { driver, options: {} } },
      alive: () => true,
      onChange: () => () => undefined,
    });
  }
  await forwarding.end(ID, 10);
  expect(told).toEqual([]);
});
