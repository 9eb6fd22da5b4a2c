// The plugin process as Terraform starts it (go-plugin): handshake line, mutual TLS, log lines on
// stderr, and an end in every case. Knows nothing of resources.
import { mkdtempSync, rmSync } from "node:fs";
import type { Http2Server, SecureServerOptions } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { grpcServer, type Methods, method, SILENT } from "../rpc/grpc.ts";
import { selfSigned } from "./protocol/certificate.ts";
import { HealthRequest, HealthResponse, Nothing } from "./protocol/messages.ts";

const COOKIE = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";
const CORE_PROTOCOL = 1;
const PROTOCOL = 6;
const SERVING = 1;
const PARENT_CHECK_MS = 1000;

export interface PluginOptions {
  /** Prints TF_REATTACH_PROVIDERS for this address and serves in the clear, for debugging. */
  reattach?: string | undefined;
  /** Ends what the service has opened. */
  close?: (() => Promise<void>) | undefined;
}

const CLOSE_MS = 2000;

/**
 * Serves the methods until Terraform says Shutdown or goes away; never returns before the end.
 * Exits with 1 and a sentence when started by anything but Terraform.
 */
export async function runPlugin(methods: Methods, options: PluginOptions = {}): Promise<void> {
  if (!options.reattach && process.env.TF_PLUGIN_MAGIC_COOKIE !== COOKIE) {
    process.stderr.write(
      "This is a Terraform provider: Terraform starts it by itself.\n" +
        "To install it: npx fairlead terraform install\n",
    );
    process.exit(1);
  }
  keepStdoutClean();
  // Ctrl-C reaches the whole process group; Terraform itself says StopProvider.
  process.on("SIGINT", () => {});
  const place = mkdtempSync(join(tmpdir(), "fairlead-tf-"));
  let ending = false;
  const end = async () => {
    if (ending) return;
    ending = true;
    rmSync(place, { recursive: true, force: true });
    setTimeout(() => process.exit(0), CLOSE_MS);
    await options.close?.().catch(() => {});
    process.exit(0);
  };
  process.on("SIGTERM", end);
  const own = selfSigned();
  const tls = options.reattach ? undefined : mutual(own);
  const server = grpcServer({ ...methods, ...services(end) }, tls);
  const path = join(place, "plugin.sock");
  await listen(server, path);
  if (options.reattach) announceReattach(options.reattach, path);
  // Go's RawStdEncoding refuses the padding.
  const certificate = own.der.toString("base64").replaceAll("=", "");
  const line = [CORE_PROTOCOL, PROTOCOL, "unix", path, "grpc", certificate].join("|");
  if (!options.reattach) process.stdout.write(`${line}\n`);
  endWithParent(end);
}

/** What go-plugin itself calls beside the provider's service. */
function services(end: () => Promise<void>): Methods {
  return {
    "/plugin.GRPCController/Shutdown": method(Nothing, Nothing, async () => {
      // The answer must leave first; without this method each process takes two seconds to die.
      setTimeout(end, 5);
      return {};
    }),
    "/plugin.GRPCBroker/StartStream": SILENT,
    "/plugin.GRPCStdio/StreamStdio": SILENT,
    "/grpc.health.v1.Health/Check": method(HealthRequest, HealthResponse, async () => ({
      status: SERVING,
    })),
  };
}

/** TLS as AutoMTLS has it: only the client whose certificate was given in the environment. */
function mutual(own: { cert: string; key: string }): SecureServerOptions {
  const client = process.env.PLUGIN_CLIENT_CERT;
  if (!client) {
    process.stderr.write("Terraform gave no client certificate (PLUGIN_CLIENT_CERT).\n");
    process.exit(1);
  }
  const trust = { ca: client, requestCert: true, rejectUnauthorized: true };
  return { cert: own.cert, key: own.key, ...trust, minVersion: "TLSv1.2", ALPNProtocols: ["h2"] };
}

/** Anything on stdout before the handshake line kills the plugin: console goes to stderr. */
function keepStdoutClean(): void {
  for (const name of ["log", "info", "debug"] as const) console[name] = console.error;
}

function listen(server: Http2Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
}

function announceReattach(address: string, path: string): void {
  const entry = {
    Protocol: "grpc",
    ProtocolVersion: PROTOCOL,
    Pid: process.pid,
    Test: true,
    Addr: { Network: "unix", String: path },
  };
  process.stdout.write(`TF_REATTACH_PROVIDERS='${JSON.stringify({ [address]: entry })}'\n`);
}

/** A killed Terraform sends nothing: the plugin sees that its parent changed. */
function endWithParent(end: () => Promise<void>): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) void end();
  }, PARENT_CHECK_MS).unref();
}
