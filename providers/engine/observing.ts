// What a plan asks of a host before it is made.
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
  // Networks and volumes that are only mentioned must exist, so they are asked for too.
  const networks = new Set(names("network"));
  const volumes = new Set(names("volume"));
  for (const { kind, spec } of here) {
    if (kind !== "container") continue;
    for (const name of Object.keys(spec.networks ?? {})) networks.add(name);
    for (const mount of spec.mounts ?? []) {
      if (mount.type === "volume" && mount.source !== undefined) volumes.add(mount.source);
    }
  }
  return {
    project,
    containers: names("container"),
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
