// The agent's entry point: options, the parts, the server; signals end it, its containers stay.
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { earlyRoutes } from "./api/early.ts";
import { readOnlyRoutes, refuseToAct } from "./api/read-only.ts";
import { type ApiServer, createApi } from "./api/server.ts";
import { type Agent, assemble } from "./assembly.ts";
import { closeFolders } from "./folders.ts";
import { listen } from "./listen.ts";
import type { RecoveryCount } from "./objects/container/run/recover.ts";
import { parseOptions } from "./options.ts";
import { whenQuiet } from "./quiet.ts";
import { announceReady, announceStopping } from "./ready.ts";
import { enterNamespaces } from "./rootless.ts";
import { RecordStore } from "./state/record-store.ts";
import { AGENT_VERSION, bundleDigest } from "./version.ts";

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
  closeFolders(options);
  const records = new RecordStore(report);
  if (options.purge) {
    const agent = await assemble(options, records, report);
    await agent.dismantle();
    process.exit(0);
  }
  let agent: Agent | undefined;
  let count: RecoveryCount | undefined = { recovered: 0, containers: 0 };
  const early = {
    version: AGENT_VERSION,
    bundle: bundleDigest(bundle),
    recovering: () => count,
    drivers: () => agent?.drivers(),
    unreadable: () => records.unreadable,
  };
  const progress = () => `${count?.recovered} of ${count?.containers} containers are taken over`;
  const api = createApi({ early: earlyRoutes(early), progress, report });
  const reader = createApi({
    ...{ early: [], progress, report },
    readOnly: { routes: readOnlyRoutes, refuse: refuseToAct },
  });
  const listening = [
    await listen(api.server, options.socket),
    await listen(reader.server, options.readerSocket),
  ];
  const release = () => {
    for (const one of listening) one.release();
  };
  leaveOnSignal([api, reader], release, async () => agent?.leave());
  try {
    agent = await assemble(options, records, report);
    await agent.recover((now) => {
      count = now;
    });
    if (!listening.every((one) => one.isOurs()))
      throw new Error("another agent started at the same time");
    count = undefined;
    const ping = earlyRoutes(early).filter(({ path }) => path === "/_ping");
    reader.open([...ping, ...agent.routes]);
    api.open(agent.routes);
    announceReady(options.readyFd, report);
    whenQuiet(agent.trimMemory);
  } catch (error) {
    release();
    throw error;
  }
}

function leaveOnSignal(servers: ApiServer[], release: () => void, last: () => Promise<void>): void {
  let leaving = false;
  const leave = async () => {
    if (leaving) return;
    leaving = true;
    announceStopping(report);
    release();
    await Promise.all([last(), ...servers.map((server) => server.close())]);
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, leave);
}

main().catch((error: Error) => {
  report(error.message);
  process.exit(1);
});
