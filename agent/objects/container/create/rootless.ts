// What the agent of an ordinary user cannot do for a container, refused before anything is made.
import { readFileSync } from "node:fs";
import type { HostConfig } from "@docker/node-sdk";
import { FairleadError } from "../../../../resources/model/errors.ts";
import type { DriverLimit } from "../../../../resources/wire.ts";
import type { RuntimeEntry } from "../../../runtime/runtime-entry.ts";
import type { HostFacts, RootlessFacts } from "../../host.ts";
import { lackingControllers } from "./controllers.ts";
import type { ResolvedUser } from "./user.ts";

const IDS_HINT =
  "install the package uidmap, give the user 65536 ids in /etc/subuid and /etc/subgid, then end " +
  "the agent and start it again";

function unsupported(what: string, hint: string): never {
  throw new FairleadError("unsupported", `${what}: the agent on this host is not root`, { hint });
}

/** Refuses options that only the host's root has; does nothing for an agent that is root. */
export function checkRootless(host: HostConfig, { rootless }: HostFacts): void {
  if (!rootless) return;
  if (host.PidMode === "host") {
    unsupported("PidMode host", "leave it out: the host's processes belong to its root");
  }
  if ((host.DeviceCgroupRules ?? []).length > 0) {
    unsupported("DeviceCgroupRules", "leave them out: the container can make no nodes anyway");
  }
  for (const { PathOnHost, CgroupPermissions } of host.Devices ?? []) {
    if (!CgroupPermissions || [...CgroupPermissions].sort().join("") === "mrw") continue;
    unsupported(
      `Devices ${PathOnHost}:${CgroupPermissions}`,
      "the node's own mode decides: use rwm",
    );
  }
  const least = Number(readFileSync("/proc/self/oom_score_adj", "utf8"));
  if (host.OomScoreAdj && host.OomScoreAdj < least) {
    unsupported(`OomScoreAdj ${host.OomScoreAdj}`, `use ${least} or more`);
  }
  if (rootless.ids === 1 && (host.GroupAdd ?? []).length > 0) unsupported("GroupAdd", IDS_HINT);
}

/** What no container can have here, in the words of its declaration. */
export function rootlessLimits(
  { rootless }: HostFacts,
  runtimes: readonly RuntimeEntry[],
): DriverLimit[] {
  if (!rootless) return [];
  const why = "the agent on this host is not root";
  const others = runtimes.filter(({ kind }) => kind !== "native").map(({ name }) => name);
  return [
    { field: "runtime", values: others, why },
    { field: "pid", values: ["host"], why },
    { field: "deviceCgroupRules", why },
    ...(rootless.ids === 1 ? [{ field: "groupAdd", why: `the user has one id: ${IDS_HINT}` }] : []),
  ];
}

/** The user of a process as the namespace can have it; `unsupported` when it has no such id. */
export function fitUser(user: ResolvedUser, rootless: RootlessFacts | undefined): ResolvedUser {
  if (!rootless) return user;
  // With one id only, setgroups(2) is forbidden: the process has the group it has.
  const additionalGids = rootless.ids === 1 ? [] : user.additionalGids;
  const outside = [user.uid, user.gid, ...additionalGids].find((id) => id >= rootless.ids);
  if (outside !== undefined) {
    unsupported(`id ${outside} is not one of the ${rootless.ids} that the user has`, IDS_HINT);
  }
  return { ...user, additionalGids };
}

/** What `docker info` warns of. */
export function rootlessWarnings(facts: HostFacts, noWayOut: string | undefined): string[] {
  if (!facts.rootless) return [];
  const lacking = lackingControllers(facts);
  const groups =
    facts.cgroup.unified === undefined
      ? "no cgroup is delegated to the user: no pause, no stats"
      : "";
  return [
    ...(facts.rootless.ids === 1 ? [`WARNING: the user has one id only: ${IDS_HINT}`] : []),
    ...(groups === "" ? [] : [`WARNING: ${groups}`]),
    ...(lacking.length > 0 ? [`WARNING: no limits for ${lacking.join(", ")}`] : []),
    ...(noWayOut === undefined ? [] : [`WARNING: no network leads out of the host: ${noWayOut}`]),
  ];
}
