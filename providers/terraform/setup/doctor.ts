// Starts the provider exactly as terraform does, speaks to it over the same mutual TLS, and says in
// sentences what is wrong where terraform says only that a plugin did not respond.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { connect as connectSocket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { connect as connectTls } from "node:tls";
import { decode } from "../../rpc/protobuf.ts";
import { type Certificate, selfSigned } from "../protocol/certificate.ts";
import { ProviderSchema } from "../protocol/messages.ts";
import { checksum, hindrances } from "./hindrances.ts";
import { onPath, terraformVersion } from "./install.ts";
import {
  builtProvider,
  cliConfiguration,
  LAUNCHER,
  SOURCE,
  thisPlatform,
  userPlugins,
} from "./place.ts";

export interface Examination {
  lines: string[];
  well: boolean;
}

const COOKIE = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";
const LONGEST_MS = 20_000;
/** What gRPC puts before a message: a flag and the length. */
const FRAME_BYTES = 5;
const INSTALL = "fairlead terraform install";

/** Looks at everything between terraform and the provider. */
export async function examine(version: string): Promise<Examination> {
  const lines: string[] = [];
  let well = true;
  const say = (fine: boolean, text: string) => {
    lines.push(`${fine ? "ok     " : "PROBLEM"} ${text}`);
    well &&= fine;
  };
  sayNode(say);
  const [terraform, tofu] = [terraformVersion(), terraformVersion("tofu")];
  if (terraform !== undefined) say(true, `terraform ${terraform}`);
  if (tofu !== undefined) say(true, `tofu ${tofu}`);
  if (terraform === undefined && tofu === undefined) say(false, "terraform is not on the PATH");
  const built = builtProvider();
  const place = join(userPlugins(), ...SOURCE.split("/"), version, thisPlatform());
  const installed = existsSync(join(place, LAUNCHER));
  if (installed) sayInstalled(say, place, built);
  else if (!cliConfiguration().installation) say(false, `not installed: ${INSTALL}`);
  for (const text of hindrances(userPlugins(), version, built)) lines.push(`note    ${text}`);
  try {
    const { startMs, schemaMs, resources } = await start(installed ? place : built);
    say(true, `starts in ${startMs} ms and answers in ${schemaMs} ms: ${resources} resources`);
  } catch (error) {
    say(false, (error as Error).message);
  }
  return { lines, well };
}

type Say = (fine: boolean, text: string) => void;

function sayNode(say: Say): void {
  const node = process.env.FAIRLEAD_NODE ?? "node";
  const there = node.includes("/") ? existsSync(node) : onPath(node);
  if (!there) {
    say(
      false,
      `${node} is not on the PATH: the provider cannot start; FAIRLEAD_NODE names another`,
    );
    return;
  }
  const { stdout } = spawnSync(node, ["--version"], { encoding: "utf8" });
  const [, major = 0, minor = 0] = (/^v(\d+)\.(\d+)/.exec(stdout ?? "") ?? []).map(Number);
  const fine = major > 20 || (major === 20 && minor >= 19);
  say(fine, `${node} ${stdout?.trim()}${fine ? "" : ": the provider needs 20.19 or newer"}`);
}

function sayInstalled(say: Say, place: string, built: string): void {
  const runs = process.platform === "win32" || (statSync(join(place, LAUNCHER)).mode & 0o111) > 0;
  if (!runs) say(false, `${join(place, LAUNCHER)} may not be executed: ${INSTALL} --force`);
  else if (checksum(place) !== checksum(built)) {
    say(false, `${place} has other bytes of this version: ${INSTALL} --force`);
  } else say(true, `installed in ${place}`);
}

/**
 * Starts the provider in a folder and asks for its schema; throws with what it said instead. It is
 * asked by `client`, which is the one that it was told of unless a test says otherwise.
 */
export async function start(
  folder: string,
  env: NodeJS.ProcessEnv = process.env,
  client?: Certificate,
) {
  const own = selfSigned();
  const begin = performance.now();
  const child = spawn(join(folder, LAUNCHER), [], {
    env: {
      ...env,
      TF_PLUGIN_MAGIC_COOKIE: COOKIE,
      PLUGIN_PROTOCOL_VERSIONS: "6",
      PLUGIN_CLIENT_CERT: own.cert,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), LONGEST_MS);
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    if (said.length < 4096) said += chunk.toString("utf8");
  });
  const failed = new Promise<never>((_, reject) => {
    child.once("error", (error) => reject(new Error(`it cannot be started: ${error.message}`)));
    child.once("close", (code) =>
      reject(new Error(`it ended with exit code ${code}: ${said.trim() || "it said nothing"}`)),
    );
  });
  failed.catch(() => {});
  try {
    const line = await Promise.race([firstLine(child.stdout), failed]);
    const startMs = Math.round(performance.now() - begin);
    const [core, protocol, network, address, kind, certificate = ""] = line.split("|");
    if (core !== "1" || protocol !== "6" || network !== "unix" || kind !== "grpc" || !address) {
      throw new Error(`its first line is not a handshake: ${JSON.stringify(line.slice(0, 200))}`);
    }
    const asked = performance.now();
    const bytes = await Promise.race([askSchema(address, client ?? own, certificate), failed]);
    const schema = decode(ProviderSchema, bytes);
    const schemaMs = Math.round(performance.now() - asked);
    return { startMs, schemaMs, resources: Object.keys(schema.resource_schemas).length };
  } finally {
    clearTimeout(timer);
    child.kill("SIGTERM");
  }
}

async function firstLine(stream: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: stream })) return line;
  // The process has ended, which the caller hears with its exit code.
  return new Promise<never>(() => {});
}

function askSchema(path: string, own: { cert: string; key: string }, certificate: string) {
  const pem = (certificate.match(/.{1,64}/g) ?? []).join("\n");
  const ca = `-----BEGIN CERTIFICATE-----\n${pem}${"=".repeat((4 - (certificate.length % 4)) % 4)}
-----END CERTIFICATE-----\n`;
  const session = connectHttp2("https://localhost", {
    createConnection: () =>
      connectTls({
        ...{ socket: connectSocket(path), servername: "localhost", ALPNProtocols: ["h2"] },
        ...{ ca, cert: own.cert, key: own.key },
      }),
  });
  return new Promise<Uint8Array>((resolve, reject) => {
    session.once("error", reject);
    const stream = session.request({
      ...{ ":method": "POST", ":path": "/tfplugin6.Provider/GetProviderSchema" },
      ...{ "content-type": "application/grpc", te: "trailers" },
    });
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.once("error", reject);
    stream.once("end", () => {
      session.close();
      const answer = Buffer.concat(chunks).subarray(FRAME_BYTES);
      if (answer.length > 0) resolve(answer);
      else reject(new Error("it does not answer this client"));
    });
    stream.end(Buffer.alloc(FRAME_BYTES));
  });
}
