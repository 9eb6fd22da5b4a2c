// docker top: the processes of a container as ps would print them, read from /proc, since a host
// may lack ps(1).
import type { ContainerTopResponse } from "@docker/node-sdk";
import { FairleadError } from "../../../../resources/model/errors.ts";
import { readText } from "../../host.ts";
import type { Container } from "../state/container.ts";
import { publish } from "../state/events.ts";
import type { ContainerParts } from "../state/parts.ts";
import { processIds } from "../state/process.ts";

interface Process {
  pid: number;
  ppid: number;
  user: string;
  uid: number;
  gid: number;
  tty: string;
  state: string;
  startedMs: number;
  cpuSeconds: number;
  cpuPercent: number;
  virtualKb: number;
  residentKb: number;
  name: string;
  command: string;
}

/** USER_HZ: what /proc counts time in, 100 on every architecture that runs Node. */
const TICKS = 100;
const PAGE_KB = 4;

const COLUMNS: Record<string, { title: string; value: (p: Process) => string }> = {
  pid: { title: "PID", value: (p) => String(p.pid) },
  ppid: { title: "PPID", value: (p) => String(p.ppid) },
  user: { title: "USER", value: (p) => p.user },
  uid: { title: "UID", value: (p) => String(p.uid) },
  gid: { title: "GID", value: (p) => String(p.gid) },
  tty: { title: "TT", value: (p) => p.tty },
  stat: { title: "STAT", value: (p) => p.state },
  time: { title: "TIME", value: (p) => clock(p.cpuSeconds) },
  etime: { title: "ELAPSED", value: (p) => elapsed(p) },
  stime: { title: "STIME", value: (p) => startTime(p) },
  "%cpu": { title: "%CPU", value: (p) => p.cpuPercent.toFixed(1) },
  c: { title: "C", value: (p) => String(Math.round(p.cpuPercent)) },
  vsz: { title: "VSZ", value: (p) => String(p.virtualKb) },
  rss: { title: "RSS", value: (p) => String(p.residentKb) },
  comm: { title: "COMMAND", value: (p) => p.name },
  cmd: { title: "CMD", value: (p) => p.command },
  args: { title: "COMMAND", value: (p) => p.command },
};
const SYNONYMS: Record<string, string> = {
  command: "args",
  state: "stat",
  s: "stat",
  tt: "tty",
  pcpu: "%cpu",
  vsize: "vsz",
  ucmd: "comm",
  euser: "user",
  start_time: "stime",
};
const FULL = ["user", "pid", "ppid", "c", "stime", "tty", "time", "cmd"];

/** The table that `ps ARGS` shows; -ef, aux, -o and --format are understood. */
export function topContainer(
  container: Container,
  psArgs: string,
  parts: ContainerParts,
): ContainerTopResponse {
  container.requireRunning();
  container.refuseRestarting();
  publish(parts.events, container, "top");
  const columns = chooseColumns(psArgs.trim());
  const uptimeSeconds = Number(readText("/proc/uptime").split(" ")[0]);
  const processes = processIds(container, parts).flatMap((pid) => readProcess(pid, uptimeSeconds));
  // -ef shows names of users under the heading UID.
  const titles = columns.map((key) =>
    columns === FULL && key === "user" ? "UID" : (COLUMNS[key]?.title ?? ""),
  );
  return {
    Titles: titles.map((title) => (columns === FULL && title === "TT" ? "TTY" : title)),
    Processes: processes.map((p) => columns.map((key) => COLUMNS[key]?.value(p) ?? "")),
  };
}

function chooseColumns(args: string): string[] {
  if (args === "" || /^-?[ef]+$/.test(args)) return FULL;
  if (/^-?a?u?x?$/.test(args)) {
    return ["user", "pid", "%cpu", "vsz", "rss", "tty", "stat", "stime", "time", "args"];
  }
  const lists = [...args.matchAll(/(?:^|\s)(?:-?[aexf]*o\s*|--format[= ])([a-z%_,]+)/g)];
  const keys = lists.flatMap(([, list]) => (list ?? "").split(",")).filter((key) => key !== "");
  const columns = keys.map((key) => SYNONYMS[key] ?? key);
  const wrong = columns.find((key) => COLUMNS[key] === undefined);
  if (columns.length === 0 || wrong !== undefined) {
    throw new FairleadError("invalid", `ps_args ${JSON.stringify(args)} is not supported`, {
      hint: `use -ef, aux, or -o with any of ${Object.keys(COLUMNS).join(",")}`,
    });
  }
  return columns;
}

function readProcess(pid: number, uptimeSeconds: number): Process[] {
  const stat = readText(`/proc/${pid}/stat`);
  const status = readText(`/proc/${pid}/status`);
  const [, name = ""] = /\(([\s\S]*)\)/.exec(stat) ?? [];
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (fields.length < 22) return [];
  const number = (at: number) => Number(fields[at]);
  const ids = (key: string) =>
    Number(new RegExp(`^${key}:\\s+\\d+\\s+(\\d+)`, "m").exec(status)?.[1]);
  const command = readText(`/proc/${pid}/cmdline`).replace(/\0+$/, "").replaceAll("\0", " ");
  const age = uptimeSeconds - number(19) / TICKS;
  const cpuSeconds = (number(11) + number(12)) / TICKS;
  return [
    {
      pid,
      ppid: number(1),
      user: userName(ids("Uid")),
      uid: ids("Uid"),
      gid: ids("Gid"),
      tty: ttyName(number(4)),
      state: fields[0] ?? "?",
      startedMs: Date.now() - age * 1000,
      cpuSeconds,
      cpuPercent: age > 0 ? (100 * cpuSeconds) / age : 0,
      virtualKb: Math.round(number(20) / 1024),
      residentKb: number(21) * PAGE_KB,
      name,
      command: command === "" ? `[${name}]` : command,
    },
  ];
}

/** As ps on the host prints it: the host's name for the number. */
function userName(uid: number): string {
  const line = readText("/etc/passwd")
    .split("\n")
    .find((entry) => entry.split(":")[2] === String(uid));
  return line?.split(":")[0] ?? String(uid);
}

/** tty(4) numbers: 136 to 143 are pseudo terminals. */
function ttyName(device: number): string {
  if (device === 0) return "?";
  const major = (device >> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >> 12) & 0xfff00);
  return major >= 136 && major <= 143 ? `pts/${(major - 136) * 256 + minor}` : `${major}/${minor}`;
}

function clock(seconds: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  return `${two(seconds / 3600)}:${two((seconds % 3600) / 60)}:${two(seconds % 60)}`;
}

function elapsed(process: Process): string {
  const seconds = Math.max(0, (Date.now() - process.startedMs) / 1000);
  return seconds >= 3600 ? clock(seconds) : clock(seconds).slice(3);
}

function startTime(process: Process): string {
  const date = new Date(process.startedMs);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}
