// Every command that has a definition, in the order of help. One more is a file and a line here.
import { attach } from "./commands/attach.ts";
import { build } from "./commands/build.ts";
import { cp } from "./commands/cp.ts";
import { create } from "./commands/create.ts";
import { events } from "./commands/events.ts";
import { images } from "./commands/images.ts";
import { kill } from "./commands/kill.ts";
import { ls } from "./commands/ls.ts";
import { pause } from "./commands/pause.ts";
import { port } from "./commands/port.ts";
import { pull } from "./commands/pull.ts";
import { restart } from "./commands/restart.ts";
import { rm } from "./commands/rm.ts";
import { run } from "./commands/run.ts";
import { scale } from "./commands/scale.ts";
import { start } from "./commands/start.ts";
import { stats } from "./commands/stats.ts";
import { stop } from "./commands/stop.ts";
import { top } from "./commands/top.ts";
import { unpause } from "./commands/unpause.ts";
import { volumes } from "./commands/volumes.ts";
import { wait } from "./commands/wait.ts";
import type { CommandDefinition } from "./session/definition.ts";

export const COMMANDS: readonly CommandDefinition[] = [
  ...[run, start, stop, restart, kill, pause, unpause, create, rm, scale, build, pull],
  ...[attach, cp, events, images, ls, port, stats, top, volumes, wait],
];
