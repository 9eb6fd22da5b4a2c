// A bundle of a few kilobytes that behaves like the real one, so that tests of the way to a host do
// not wait for a real agent: this machine's Node, and an agent that answers what bootstrap asks.
import { createCipheriv, createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const AGENT = `
const { createServer } = require("node:http");
const fs = require("node:fs");
const path = require("node:path");
const { parseArgs } = require("node:util");
const text = { type: "string" };
const { values } = parseArgs({ options: { root: text, run: text, instance: text, socket: text,
  purge: { type: "boolean" } } });
if (values.purge) { fs.writeFileSync(path.dirname(values.run) + "/purged", ""); process.exit(0); }
const bundle = path.basename(__dirname);
fs.mkdirSync(values.root, { recursive: true });
fs.mkdirSync(values.run, { recursive: true });
fs.rmSync(values.socket, { force: true });
const server = createServer((request, response) => {
  const url = new URL(request.url, "http://x");
  const answer = (status, body) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  };
  if (url.pathname === "/fairlead/info") {
    return answer(200, { version: "VERSION", bundle, apiVersion: "1.47", pid: process.pid });
  }
  if (/containers\\/json$/.test(url.pathname)) {
    const file = values.root + "/fake-containers.json";
    return answer(200, fs.existsSync(file) ? JSON.parse(fs.readFileSync(file)) : []);
  }
  if (/networks$/.test(url.pathname)) return answer(200, [{ Id: "1", Name: "bridge" }]);
  if (request.method === "DELETE") {
    fs.rmSync(values.root + "/fake-containers.json", { force: true });
    return answer(204);
  }
  answer(404, { message: "page not found" });
});
server.listen(values.socket);
process.on("SIGTERM", () => { fs.rmSync(values.socket, { force: true }); process.exit(0); });
`;

const RELAY = `#!${process.execPath}
const socket = require("node:net").connect({ path: process.argv[3], allowHalfOpen: true });
socket.on("error", (error) => { console.error(error.message); process.exit(1); });
process.stdin.pipe(socket).pipe(process.stdout);
`;

export interface FakeBundle {
  /** The folder that `bundleFolder` names. */
  readonly folder: string;
  remove(): void;
}

/** Writes a bundle; another `version` gives another digest. `padding` makes a part long to send. */
export function fakeBundle(version = "0.1.0", padding = 0): FakeBundle {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-bundle-"));
  const parts = join(folder, "linux-x64/parts");
  mkdirSync(parts, { recursive: true });
  const files: Record<string, Buffer> = {
    node: Buffer.from(`#!/bin/sh\nexec ${process.execPath} "$@"\n`),
    "agent.cjs": Buffer.from(AGENT.replaceAll("VERSION", version)),
    "fairlead.node": Buffer.concat([Buffer.from("native"), noise(padding)]),
    "fairlead-runtime": Buffer.from(RELAY),
  };
  const listed = Object.entries(files).map(([name, bytes]) => {
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const packed = gzipSync(bytes, { level: 1 });
    writeFileSync(join(parts, `${sha256}.gz`), packed);
    return { name, sha256, size: bytes.length, gzSize: packed.length };
  });
  const digest = createHash("sha256").update(JSON.stringify(listed)).digest("hex");
  const manifest = { format: 1, platform: "linux-x64", version, digest, parts: listed };
  writeFileSync(join(folder, "linux-x64/manifest.json"), JSON.stringify(manifest));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

// Incompressible and the same every time.
function noise(bytes: number): Buffer {
  return createCipheriv("aes-128-ctr", Buffer.alloc(16), Buffer.alloc(16)).update(
    Buffer.alloc(bytes),
  );
}
