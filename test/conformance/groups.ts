// All scenarios, by what they are about.
import type { Case } from "./case.ts";
import { archiveCases } from "./cases/archive.ts";
import { createCases } from "./cases/create.ts";
import { execCases } from "./cases/exec.ts";
import { flagCases } from "./cases/flags.ts";
import { lifeCases } from "./cases/life.ts";
import { limitCases } from "./cases/limits.ts";
import { linkCases } from "./cases/links.ts";
import { listCases } from "./cases/list.ts";
import { logCases } from "./cases/logs.ts";
import { macvlanCases } from "./cases/macvlan.ts";
import { mountCases } from "./cases/mounts.ts";
import { networkCases } from "./cases/networks.ts";
import { objectFlagCases } from "./cases/object-flags.ts";
import { runCases } from "./cases/run.ts";
import { systemCases } from "./cases/system.ts";
import { targetCases } from "./cases/targets.ts";

export const groups: Record<string, Case[]> = {
  run: runCases,
  create: createCases,
  flags: flagCases,
  life: lifeCases,
  exec: execCases,
  logs: logCases,
  list: listCases,
  mounts: mountCases,
  targets: targetCases,
  limits: limitCases,
  archive: archiveCases,
  networks: networkCases,
  links: linkCases,
  macvlan: macvlanCases,
  system: systemCases,
  "flags of objects": objectFlagCases,
};
