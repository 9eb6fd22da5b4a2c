// The language host that the real engine starts for Node.js programs: runs the SDK's own launcher.
// It stands in for pulumi-language-nodejs where that module cannot be had; it adds nothing.
import { spawn } from "node:child_process";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Empty, PluginInfo } from "../../../../providers/pulumi/messages.ts";
import { grpcServer, method } from "../../../../providers/rpc/grpc.ts";
import { message } from "../../../../providers/rpc/protobuf.ts";

const ProgramInfo = message({
  rootDirectory: [1, "string"],
  programDirectory: [2, "string"],
  entryPoint: [3, "string"],
});
const RunRequest = message({
  project: [1, "string"],
  stack: [2, "string"],
  pwd: [3, "string"],
  config: [6, { map: "string" }],
  dryRun: [7, "bool"],
  parallel: [8, "int32"],
  monitorAddress: [9, "string"],
  configSecretKeys: [11, ["string"]],
  organization: [12, "string"],
  info: [14, ProgramInfo],
});
const RunResponse = message({ error: [1, "string"], bail: [2, "bool"] });

const engine = process.argv.slice(2).find((word) => /^[^-].*:\d+$/.test(word)) ?? "";
const SAID_ALREADY = 32;

const at = (name: string) => `/pulumirpc.LanguageRuntime/${name}`;
const server = grpcServer({
  [at("Handshake")]: method(Empty, Empty, async () => ({})),
  [at("GetRequiredPackages")]: method(Empty, Empty, async () => ({})),
  [at("GetRequiredPlugins")]: method(Empty, Empty, async () => ({})),
  [at("GetPluginInfo")]: method(Empty, PluginInfo, async () => ({ version: "3.259.0" })),
  [at("Cancel")]: method(Empty, Empty, async () => ({})),
  [at("Run")]: method(RunRequest, RunResponse, async (request) => {
    const { project, stack, organization, dryRun, monitorAddress, config, info } = request;
    const folder = info?.programDirectory || request.pwd;
    const flags = { monitor: monitorAddress, engine, project, stack, organization, pwd: folder };
    const named = Object.entries(flags).flatMap(([key, value]) => [`--${key}`, value]);
    const parallel = ["--parallel", String(request.parallel || 16), "--root-directory", folder];
    const run = join(folder, "node_modules/@pulumi/pulumi/cmd/run");
    const env = {
      ...process.env,
      PULUMI_CONFIG: JSON.stringify(config),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.configSecretKeys),
    };
    const args = [run, ...named, ...parallel, ...(dryRun ? ["--dry-run"] : []), "."];
    const child = spawn(process.execPath, args, { cwd: folder, env });
    // Standard output began with the port; the engine shows what comes after it as the program's.
    child.stdout.on("data", (chunk) => process.stdout.write(chunk));
    child.stderr.on("data", (chunk) => process.stderr.write(chunk));
    const code = await new Promise<number | null>((done) => child.on("close", done));
    if (code === 0) return {};
    return code === SAID_ALREADY ? { bail: true } : { error: `the program ended with ${code}` };
  }),
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
