// Sees what a host has, in one round trip where the engine is ours, else by lists and inspections.
// Reads only.
import type {
  ContainerInspectResponse,
  ContainerSummary,
  ImageInspect,
  ImageSummary,
  NetworkInspect,
  SystemInfo,
  Volume,
} from "@docker/node-sdk";
import { FairleadError } from "../../resources/model/errors.ts";
import type { ObservedHost } from "../../resources/plan/observed.ts";
import { ownerOf, withoutInherited } from "../../resources/plan/ownership.ts";
import type { Resolved } from "../../resources/stack/resolve.ts";
import type { HeldPort, ObserveAnswer, ObserveRequest } from "../../resources/wire.ts";
import { driversIn } from "./docker-api/drivers.ts";
import type { EngineClient } from "./engine.ts";
import { mapBounded } from "./executor/bounded.ts";

const INSPECTIONS_AT_ONCE = 16;

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

/** Everything asked for, and everything of the project; also the drivers, when they matter. */
export async function observe(
  engine: EngineClient,
  request: Required<ObserveRequest>,
  signal?: AbortSignal,
  withDrivers = false,
): Promise<ObservedHost> {
  const asking = withDrivers && !engine.can.observesAtOnce ? toldBy(engine, signal) : undefined;
  const seen = engine.can.observesAtOnce
    ? await engine.json<ObserveAnswer>({
        ...{ method: "POST", path: "/fairlead/observe", body: request, signal },
      })
    : await observeByLists(engine, request, signal);
  return {
    facts: {
      ...{ engine: engine.engine, version: engine.version, apiVersion: engine.apiVersion },
      ...{ can: engine.can, drivers: seen.drivers, runtimes: seen.runtimes },
      ...(await asking),
      cannot: seen.cannot,
    },
    files: seen.files,
    seenAtMs: Date.now(),
    containers: seen.containers.map((one) => ownLabelsOnly(one, seen.imageLabels)),
    networks: seen.networks,
    volumes: seen.volumes,
    images: new Map(Object.entries(seen.images)),
    heldPorts: seen.heldPorts,
    unreadable: seen.unreadable,
  };
}

function ownLabelsOnly(
  one: ContainerInspectResponse,
  imageLabels: ObserveAnswer["imageLabels"] = {},
): ContainerInspectResponse {
  const ofImage = imageLabels[one.Image ?? ""];
  if (ofImage === undefined || one.Config === undefined) return one;
  return {
    ...one,
    Config: { ...one.Config, Labels: withoutInherited(one.Config.Labels, ofImage) },
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

// Docker tells the names of its runtimes only; what they cannot do shows at creation.
async function toldBy(
  engine: EngineClient,
  signal: AbortSignal | undefined,
): Promise<Pick<ObservedHost["facts"], "drivers" | "runtimes">> {
  const info = await engine.json<SystemInfo>({ method: "GET", path: "/info", signal });
  const names = Object.keys(info.Runtimes ?? {});
  const runtimes = Object.fromEntries(names.map((name) => [name, { cannot: [] }]));
  return { drivers: driversIn(info), ...(names.length === 0 ? {} : { runtimes }) };
}

/** An inspection, or undefined when the engine says that there is no such thing. */
export async function inspectIfThere<T>(
  engine: EngineClient,
  path: string,
  signal?: AbortSignal,
): Promise<T | undefined> {
  try {
    return await engine.json<T>({ method: "GET", path, signal });
  } catch (error) {
    if (error instanceof FairleadError && error.code === "not_found") return undefined;
    throw error;
  }
}

async function observeByLists(
  engine: EngineClient,
  request: Required<ObserveRequest>,
  signal: AbortSignal | undefined,
): Promise<ObserveAnswer> {
  const get = <T>(path: string, query = {}) =>
    engine.json<T>({ method: "GET", path, query, signal });
  const [summaries, networks, volumes, images] = await Promise.all([
    get<ContainerSummary[]>("/containers/json", { all: true }),
    get<NetworkInspect[]>("/networks"),
    get<{ Volumes: Volume[] | null }>("/volumes"),
    observeImages(engine, request.images, signal),
  ]);
  const own = (labels: Record<string, string> | null | undefined) =>
    ownerOf(labels)?.project === request.project;
  const named = (list: string[], name: string | undefined) => list.includes(name ?? "");
  const wanted = (one: ContainerSummary) =>
    own(one.Labels) || (one.Names ?? []).some((name) => named(request.containers, name.slice(1)));
  const ids = summaries.filter(wanted).map(({ Id }) => Id!);
  const chosen = networks.filter(
    ({ Name, Labels }) => own(Labels) || named(request.networks, Name),
  );
  const inspect = <T>(path: (id: string) => string, list: string[]) =>
    mapBounded(list, INSPECTIONS_AT_ONCE, (id) => inspectIfThere<T>(engine, path(id), signal));
  const [containers, inspected, imageLabels] = await Promise.all([
    inspect<ContainerInspectResponse>((id) => `/containers/${id}/json`, ids),
    // The list does not say who is attached.
    inspect<NetworkInspect>(
      (id) => `/networks/${id}`,
      chosen.map(({ Id }) => Id!),
    ),
    // Only a container with labels of ours can have them from its image.
    summaries.some(({ Labels }) => own(Labels)) ? get<ImageSummary[]>("/images/json") : [],
  ]);
  return {
    containers: containers.filter((one) => one !== undefined),
    networks: inspected.filter((one) => one !== undefined),
    volumes: (volumes.Volumes ?? []).filter(
      ({ Name, Labels }) => own(Labels) || named(request.volumes, Name),
    ),
    images,
    imageLabels: Object.fromEntries(
      imageLabels.flatMap(({ Id, Labels }) => (ownerOf(Labels) ? [[Id, Labels]] : [])),
    ),
    heldPorts: summaries.filter((one) => !wanted(one)).flatMap(heldBy),
  };
}

async function observeImages(
  engine: EngineClient,
  references: string[],
  signal: AbortSignal | undefined,
): Promise<Record<string, ImageInspect>> {
  const found = await mapBounded([...new Set(references)], INSPECTIONS_AT_ONCE, async (name) => {
    const image = await inspectIfThere<ImageInspect>(engine, `/images/${name}/json`, signal);
    return [name, image] as const;
  });
  return Object.fromEntries(
    found.flatMap(([name, image]) => (image === undefined ? [] : [[name, image]])),
  );
}

function heldBy(one: ContainerSummary): HeldPort[] {
  return (one.Ports ?? []).flatMap(({ IP, PublicPort, Type }) => {
    if (PublicPort === undefined || (Type !== "tcp" && Type !== "udp")) return [];
    const any = IP === undefined || IP === "0.0.0.0" || IP === "::";
    return [{ protocol: Type, hostIp: any ? "" : IP, port: PublicPort }];
  });
}
