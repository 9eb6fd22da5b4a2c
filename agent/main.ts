// The agent's entry point: options, the parts, the server; signals end it, its containers stay.
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { type ApiServer, createApi } from "./api/server.ts";
import { assemble } from "./assembly.ts";
import { listen } from "./listen.ts";
import { parseOptions } from "./options.ts";
import { whenQuiet } from "./quiet.ts";
import { announceReady, announceStopping } from "./ready.ts";
import { enterNamespaces } from "./rootless.ts";

const report = (line: string) => process.stderr.write(`fairlead-agent: ${line}\n`);

async function main(): Promise<void> {
  // A failure that no handler caught must not take the containers' supervisor away.
  process.on("uncaughtException", (error) => report(`uncaught: ${error.stack ?? error.message}`));
  process.on("unhandledRejection", (reason) => {
    report(`unhandled: ${reason instanceof Error ? (reason.stack ?? reason) : String(reason)}`);
  });
  const bundle = dirname(fileURLToPath(import.meta.url));
  const options = parseOptions(process.argv.slice(2), bundle);
  enterNamespaces(options);
  process.umask(0o022);
  const agent = await assemble(options, bundle, report);
  if (options.purge) {
    await agent.dismantle();
    process.exit(0);
  }
  const api = createApi(agent.routes, report);
  const listening = await listen(api.server, options.socket);
  await agent.recover();
  if (!listening.isOurs()) throw new Error("another agent started at the same time");
  leaveOnSignal(api, () => listening.release());
  announceReady(options.readyFd, report);
  whenQuiet(agent.rest);
}

function leaveOnSignal(api: ApiServer, release: () => void): void {
  let leaving = false;
  const leave = async () => {
    if (leaving) return;
    leaving = true;
    announceStopping(report);
    release();
    await api.close();
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, leave);
}

main().catch((error: Error) => {
  report(error.message);
  process.exit(1);
});
