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
import type { ObservedHost } from "../../../resources/plan/observed.ts";
import { ownerOf, withoutInherited } from "../../../resources/plan/ownership.ts";
import {
  type HeldPort,
  type ObserveAnswer,
  type ObserveRequest,
  observeAnswer,
} from "../../../resources/wire.ts";
import { ifThere } from "../allowing.ts";
import { mapBounded } from "../concurrency/bounded.ts";
import type { ObserveOptions } from "../engine.ts";
import { answerOf } from "./answer.ts";
import type { DockerClient } from "./client.ts";
import { driversIn, type ManagedPlugin } from "./drivers.ts";
import { inspectImage } from "./image.ts";
import { limitsIn } from "./limits.ts";
import { containerPath, networkPath } from "./path.ts";

const INSPECTIONS_AT_ONCE = 16;

/** Everything asked for, and everything of the project; also the drivers, when they matter. */
export async function observe(
  client: DockerClient,
  request: Required<ObserveRequest>,
  { signal, withDrivers = false }: ObserveOptions = {},
): Promise<ObservedHost> {
  const asking = withDrivers && !client.can.observesAtOnce ? toldBy(client, signal) : undefined;
  const seen: ObserveAnswer = client.can.observesAtOnce
    ? await answerOf(client, observeAnswer, {
        ...{ method: "POST", path: "/fairlead/observe", body: request, signal },
      })
    : await observeByLists(client, request, signal);
  return {
    facts: {
      ...{ engine: client.engine, version: client.version, apiVersion: client.apiVersion },
      ...{ can: client.can, drivers: seen.drivers, runtimes: seen.runtimes },
      cannot: seen.cannot,
      ...(await asking),
    },
    files: seen.files,
    seenAtMs: Date.now(),
    containers: seen.containers.map((one) => ownLabelsOnly(one, seen.imageLabels)),
    ended: seen.ended,
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

// Docker tells the names of its runtimes only; what they cannot do shows at creation.
async function toldBy(
  client: DockerClient,
  signal: AbortSignal | undefined,
): Promise<Partial<ObservedHost["facts"]>> {
  const [info, plugins] = await Promise.all([
    client.json<SystemInfo>({ method: "GET", path: "/info", signal }),
    // Podman has no such list.
    ifThere(client.json<ManagedPlugin[]>({ method: "GET", path: "/plugins", signal })),
  ]);
  const pools = info.DefaultAddressPools ?? [];
  const choosesIpv6Subnets =
    client.can.choosesIpv6Subnets || pools.some(({ Base }) => Base?.includes(":"));
  const names = Object.keys(info.Runtimes ?? {});
  const runtimes = Object.fromEntries(names.map((name) => [name, { cannot: [] }]));
  return {
    can: { ...client.can, choosesIpv6Subnets },
    cannot: limitsIn(info),
    drivers: driversIn(info, plugins ?? [], client.addressDrivers),
    ...(names.length === 0 ? {} : { runtimes }),
  };
}

async function observeByLists(
  client: DockerClient,
  request: Required<ObserveRequest>,
  signal: AbortSignal | undefined,
): Promise<ObserveAnswer> {
  const get = <T>(path: string, query = {}) =>
    client.json<T>({ method: "GET", path, query, signal });
  const [summaries, networks, volumes, images] = await Promise.all([
    get<ContainerSummary[]>("/containers/json", { all: true }),
    get<NetworkInspect[]>("/networks"),
    get<{ Volumes: Volume[] | null }>("/volumes"),
    observeImages(client, request.images, signal),
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
    mapBounded(list, INSPECTIONS_AT_ONCE, (id) => ifThere(get<T>(path(id))));
  const [containers, inspected, imageLabels] = await Promise.all([
    inspect<ContainerInspectResponse>((id) => containerPath(id, "/json"), ids),
    // The list does not say who is attached.
    inspect<NetworkInspect>(
      (id) => networkPath(id),
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
  client: DockerClient,
  references: string[],
  signal: AbortSignal | undefined,
): Promise<Record<string, ImageInspect>> {
  const found = await mapBounded([...new Set(references)], INSPECTIONS_AT_ONCE, async (name) => {
    const image = await ifThere(inspectImage(client, name, signal));
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
