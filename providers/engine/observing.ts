// What a plan asks of a host before it is made.
import { sharedContainers } from "../../resources/kinds/container/change/needs.ts";
import type { Resolved } from "../../resources/stack/resolve.ts";
import type { ObserveRequest } from "../../resources/wire.ts";

/** What a plan for these resources needs to know of a host. */
export function observeRequest(
  project: string,
  resources: readonly Resolved[],
  host: string,
): Required<ObserveRequest> {
  const here = resources.filter((resource) => resource.host === host);
  const names = (kind: string) =>
    here.filter((resource) => resource.kind === kind).map(({ object }) => object);
  // What is only mentioned must exist, so it is asked for too.
  const networks = new Set(names("network"));
  const volumes = new Set(names("volume"));
  const containers = new Set(names("container"));
  for (const { kind, spec } of here) {
    if (kind !== "container") continue;
    for (const name of Object.keys(spec.networks ?? {})) networks.add(name);
    for (const name of sharedContainers(spec)) containers.add(name);
    for (const mount of spec.mounts ?? []) {
      if (mount.type === "volume" && mount.source !== undefined) volumes.add(mount.source);
    }
  }
  return {
    project,
    containers: [...containers],
    networks: [...networks],
    volumes: [...volumes],
    images: names("image"),
  };
}

/** Whether something on that host names a driver or a runtime, so that it matters which it has. */
export function namesDriver(resources: readonly Resolved[], host: string): boolean {
  return resources.some((one) => {
    if (one.host !== host) return false;
    if (one.kind === "container") return Boolean(one.spec.runtime ?? one.spec.logging);
    if (one.kind !== "network" && one.kind !== "volume") return false;
    return one.spec.driver !== undefined || one.spec.driverOpts !== undefined;
  });
}
