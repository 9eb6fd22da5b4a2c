// Every command, in the order of help. One more is a file and a line here.
import { attach } from "./commands/attach.ts";
import { build } from "./commands/build.ts";
import { config } from "./commands/config.ts";
import { cp } from "./commands/cp.ts";
import { create } from "./commands/create.ts";
import { docker } from "./commands/docker.ts";
import { down } from "./commands/down.ts";
import { events } from "./commands/events.ts";
import { exec } from "./commands/exec.ts";
import { hostCommands } from "./commands/host.ts";
import { images } from "./commands/images.ts";
import { kill } from "./commands/kill.ts";
import { logs } from "./commands/logs.ts";
import { ls } from "./commands/ls.ts";
import { pause } from "./commands/pause.ts";
import { plan } from "./commands/plan.ts";
import { port } from "./commands/port.ts";
import { ps } from "./commands/ps.ts";
import { pull } from "./commands/pull.ts";
import { restart } from "./commands/restart.ts";
import { rm } from "./commands/rm.ts";
import { run } from "./commands/run.ts";
import { scale } from "./commands/scale.ts";
import { start } from "./commands/start.ts";
import { stats } from "./commands/stats.ts";
import { stop } from "./commands/stop.ts";
import { top } from "./commands/top.ts";
import { tunnel } from "./commands/tunnel.ts";
import { unpause } from "./commands/unpause.ts";
import { up } from "./commands/up.ts";
import { version } from "./commands/version.ts";
import { volumes } from "./commands/volumes.ts";
import { wait } from "./commands/wait.ts";
import type { CommandDefinition } from "./session/definition.ts";

export const COMMANDS: readonly CommandDefinition[] = [
  ...[plan, up, down, ps, logs, exec, run, start, stop, restart, kill, pause, unpause],
  ...[create, rm, scale, build, pull, attach, cp, events, images, ls, port, stats, top],
  ...[volumes, wait, config, docker, tunnel, ...hostCommands, version],
];

/** What commands of several words begin with, and what help says of that. */
export const GROUPS: Readonly<Record<string, string>> = { host: "Look after hosts." };
