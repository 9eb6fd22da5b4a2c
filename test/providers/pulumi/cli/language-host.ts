// The language host that the real engine starts for programs in Node.js and Python: runs the SDK's
// own launchers. It stands in for pulumi-language-* where these cannot be had; it adds nothing.
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

const [language = "nodejs", ...words] = process.argv.slice(2);
const engine = words.find((word) => /^[^-].*:\d+$/.test(word)) ?? "";
const SAID_ALREADY = 32;

// What pulumi-language-python-exec does with its flags.
const PYTHON = `
import asyncio, os, runpy, sys
import pulumi, pulumi.runtime
keys = ["monitor", "engine", "project", "stack", "organization"]
settings = {key: os.environ["HOST_" + key.upper()] for key in keys}
dry = os.environ["HOST_DRY"] == "true"
settings.update(dry_run=dry, root_directory=os.getcwd())
pulumi.runtime.configure(pulumi.runtime.Settings(**settings))
sys.path.insert(0, os.getcwd())
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
async def run():
    runpy.run_path(os.getcwd(), run_name="__main__")
loop.run_until_complete(pulumi.runtime.run_in_stack(run))
`;

// A killed engine says nothing.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.exit(0);
}, 1000).unref();

const at = (name: string) => `/pulumirpc.LanguageRuntime/${name}`;
const server = grpcServer({
  [at("Handshake")]: method(Empty, Empty, async () => ({})),
  [at("GetRequiredPackages")]: method(Empty, Empty, async () => ({})),
  [at("GetRequiredPlugins")]: method(Empty, Empty, async () => ({})),
  [at("GetPluginInfo")]: method(Empty, PluginInfo, async () => ({ version: "3.259.0" })),
  [at("Cancel")]: method(Empty, Empty, async () => ({})),
  [at("Run")]: method(RunRequest, RunResponse, async (request) => {
    const folder = request.info?.programDirectory || request.pwd;
    const { project, stack, organization, dryRun, monitorAddress: monitor } = request;
    const settings = { monitor, engine, project, stack, organization };
    const env = {
      ...process.env,
      PULUMI_CONFIG: JSON.stringify(request.config),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.configSecretKeys),
    };
    const parallel = String(request.parallel || 16);
    const start = language === "python" ? python : nodejs;
    const child = start(folder, settings, { dryRun, parallel, env });
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

interface More {
  dryRun: boolean;
  parallel: string;
  env: NodeJS.ProcessEnv;
}

function nodejs(folder: string, settings: Record<string, string>, { dryRun, parallel, env }: More) {
  const named = Object.entries(settings).flatMap(([key, value]) => [`--${key}`, value]);
  const run = join(folder, "node_modules/@pulumi/pulumi/cmd/run");
  const place = ["--pwd", folder, "--root-directory", folder, "--parallel", parallel];
  const args = [run, ...named, ...place, ...(dryRun ? ["--dry-run"] : []), "."];
  return spawn(process.execPath, args, { cwd: folder, env });
}

function python(folder: string, settings: Record<string, string>, { dryRun, env }: More) {
  const named = Object.entries(settings).map(([key, value]) => [
    `HOST_${key.toUpperCase()}`,
    value,
  ]);
  const own = { ...Object.fromEntries(named), HOST_DRY: String(dryRun) };
  const interpreter = process.env.FAIRLEAD_TEST_PYTHON ?? "python3";
  return spawn(interpreter, ["-c", PYTHON], { cwd: folder, env: { ...env, ...own } });
}
