// fairlead stats: what the project's containers use.
import { setTimeout as pause } from "node:timers/promises";
import { formatBytes } from "../../../resources/model/units.ts";
import { printableLine } from "../../compose/document/printable.ts";
import type { Figures } from "../../engine/engine.ts";
import { type CommandDefinition, SERVICES, wordsOf } from "../session/definition.ts";

export const stats: CommandDefinition = {
  name: "stats",
  summary: "Show what the project's containers use, again and again until Ctrl-C.",
  args: SERVICES,
  options: [["--no-stream", "only once"]],
  example: "fairlead stats --no-stream",
  async run(session, args, flags) {
    const { chosenContainers } = await import("./on-containers.ts");
    const { columns } = await import("../screen/screen.ts");
    const { screen, signal } = session;
    const isOnce = flags.stream === false || screen.stdout.isTTY !== true;
    const chosen = await chosenContainers(session, wordsOf(args), false);
    for (;;) {
      const all = await Promise.all(
        chosen.containers.map(async (one) => {
          const { containers } = await chosen.engine(one);
          const who = { host: one.host, service: one.service, container: one.name };
          return { ...who, ...usage(await containers.figures(one.id, signal)) };
        }),
      );
      if (screen.json) screen.value(all);
      else {
        const rows = all.map((one) =>
          [
            ...[one.host, one.container, `${one.cpuPercent.toFixed(2)}%`],
            ...[
              sizes(one.memoryBytes, one.memoryLimitBytes),
              sizes(one.receivedBytes, one.sentBytes),
            ],
            ...[sizes(one.readBytes, one.writtenBytes), String(one.processes)],
          ].map(printableLine),
        );
        const head = [
          "HOST",
          "CONTAINER",
          "CPU",
          "MEMORY",
          "NETWORK IN/OUT",
          "DISK IN/OUT",
          "PIDS",
        ];
        if (!isOnce) screen.stdout.write("\u001b[H\u001b[2J");
        for (const line of columns([head, ...rows], screen.width)) screen.line(line);
      }
      if (isOnce) return;
      await pause(1000, undefined, { signal });
    }
  },
};

/** Docker's way of counting: the page cache that may go at once is no use of memory. */
function usage(found: Figures) {
  const { cpu_stats: now, precpu_stats: before, memory_stats: memory, networks } = found;
  const cpu = (now?.cpu_usage?.total_usage ?? 0) - (before?.cpu_usage?.total_usage ?? 0);
  const system = (now?.system_cpu_usage ?? 0) - (before?.system_cpu_usage ?? 0);
  const cache = memory?.stats?.inactive_file ?? memory?.stats?.total_inactive_file ?? 0;
  const sum = (key: "rx_bytes" | "tx_bytes") =>
    Object.values(networks ?? {}).reduce((total, one) => total + one[key], 0);
  const disk = (op: string) =>
    (found.blkio_stats?.io_service_bytes_recursive ?? [])
      .filter((one) => one.op.toLowerCase() === op)
      .reduce((total, { value }) => total + value, 0);
  return {
    cpuPercent: system > 0 && cpu > 0 ? (cpu / system) * (now?.online_cpus ?? 1) * 100 : 0,
    memoryBytes: Math.max(0, (memory?.usage ?? 0) - cache),
    memoryLimitBytes: memory?.limit ?? 0,
    receivedBytes: sum("rx_bytes"),
    sentBytes: sum("tx_bytes"),
    readBytes: disk("read"),
    writtenBytes: disk("write"),
    processes: found.pids_stats?.current ?? 0,
  };
}

function sizes(a: number, b: number): string {
  return `${rounded(a)} / ${rounded(b)}`;
}

function rounded(bytes: number): string {
  const power = Math.floor(Math.log2(Math.max(bytes, 1)) / 10);
  const unit = 1024 ** power;
  return formatBytes(Math.round(bytes / unit) * unit);
}
