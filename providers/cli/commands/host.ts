// fairlead host ls, info and uninstall: look after hosts.
import type { CommandDefinition } from "../session/definition.ts";

export const HOST = [["<host>", "host of x-fairlead.hosts, local, or an ssh:// address"]] as const;

export const hostCommands: readonly CommandDefinition[] = [
  {
    name: "host ls",
    summary: "List the project's hosts and what runs on them.",
    example: "fairlead host ls --json",
    async run(session) {
      const { listHosts } = await import("./hosts.ts");
      await listHosts(session);
    },
  },
  {
    name: "host info",
    summary: "Print what a host and its engine are.",
    args: HOST,
    example: "fairlead host info web-1",
    async run(session, args) {
      const { hostInfo } = await import("./hosts.ts");
      await hostInfo(session, String(args[0]));
    },
  },
  {
    name: "host uninstall",
    summary: "Remove fairlead's agent from a host.",
    args: HOST,
    options: [
      ["-y, --yes", "do not ask"],
      ["--force", "also when containers are still there: they are removed"],
      ["--volumes", "remove the data of all volumes too"],
    ],
    example: "fairlead host uninstall --force web-1",
    async run(session, args, flags) {
      const { uninstallHost } = await import("./hosts.ts");
      await uninstallHost(session, String(args[0]), flags);
    },
  },
];
