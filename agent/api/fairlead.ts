// The routes under /fairlead/ that a client's plan needs: one observation of everything, and
// labels. Blobs and images are in blobs.ts, /fairlead/info is in early.ts.
import type {
  ContainerInspectResponse,
  ImageInspect,
  NetworkInspect,
  Volume,
} from "@docker/node-sdk";
import {
  type AgentDrivers,
  type HeldPort,
  type LabelsRequest,
  labelsRequest,
  type ObserveAnswer,
  type ObserveRequest,
  observeRequest,
  PROJECT_LABEL,
} from "../../resources/wire.ts";
import { controllerLimits } from "../objects/container/create/controllers.ts";
import { resourceLimits } from "../objects/container/create/limits.ts";
import { rootlessLimits } from "../objects/container/create/rootless.ts";
import { inspectContainer } from "../objects/container/read/inspect.ts";
import type { Container } from "../objects/container/state/container.ts";
import type { ContainerParts } from "../objects/container/state/parts.ts";
import { readHeldPorts } from "../objects/held-ports.ts";
import type { LabelEdits } from "../objects/labels.ts";
import { decode } from "./json.ts";
import type { Route } from "./route.ts";
import { NEWEST_API } from "./version.ts";

/** The other objects, as far as these routes need them; absent ones are undefined. */
export interface OtherObjects {
  networks: {
    /** Puts back what is missing of them on the host. */
    check(): Promise<void>;
    project(project: string): NetworkInspect[];
    find(name: string): NetworkInspect | undefined;
  };
  volumes: { project(project: string): Volume[]; find(name: string): Volume | undefined };
  image(reference: string): Promise<ImageInspect | undefined>;
}

/** Edits the labels of one object of a kind. */
export type Relabel = (id: string, edits: LabelEdits) => Promise<void>;

export interface FairleadParts {
  containers: ContainerParts;
  others: OtherObjects;
  relabel: Record<LabelsRequest["kind"], Relabel>;
  drivers(): AgentDrivers;
}

export function fairleadRoutes(parts: FairleadParts): Route[] {
  return [
    {
      method: "POST",
      path: "/fairlead/observe",
      handle: async (call) => {
        const request = decode(observeRequest, (await call.json()) ?? {});
        return { body: await observe(request, parts) };
      },
    },
    {
      method: "POST",
      path: "/fairlead/labels",
      handle: async (call) => {
        const { kind, id, ...edits } = decode(labelsRequest, await call.json());
        await parts.relabel[kind](id, edits);
        return { status: 204 };
      },
    },
  ];
}

async function observe(
  request: ObserveRequest,
  { containers: parts, others, drivers }: FairleadParts,
): Promise<ObserveAnswer> {
  const { project } = request;
  // A plan must not take a host for sound whose rules or bridges something has removed.
  await others.networks.check();
  const containers = chosenContainers(request, parts);
  const pick = <T extends { Name?: string }>(own: T[], found: (T | undefined)[]): T[] => {
    const all = [...own, ...found.filter((item) => item !== undefined)];
    return [...new Map(all.map((item) => [item.Name, item])).values()];
  };
  const images: Record<string, ImageInspect> = {};
  for (const reference of request.images ?? []) {
    const image = await others.image(reference);
    if (image) images[reference] = image;
  }
  const apiVersion = Number(NEWEST_API);
  const inspected: ContainerInspectResponse[] = await Promise.all(
    containers.map((container) => inspectContainer(container, { size: false, apiVersion }, parts)),
  );
  const files = project ? await parts.projectFiles.summary(project) : undefined;
  return {
    containers: inspected,
    ended: containers.filter((one) => one.endedAlone(parts.facts)).map(({ id }) => id),
    networks: pick(
      project ? others.networks.project(project) : [],
      (request.networks ?? []).map((network) => others.networks.find(network)),
    ),
    volumes: pick(
      project ? others.volumes.project(project) : [],
      (request.volumes ?? []).map((volume) => others.volumes.find(volume)),
    ),
    images,
    imageLabels: await imageLabels(inspected, others),
    heldPorts: heldPorts(containers, parts),
    unreadable: parts.records.unreadable,
    drivers: drivers(),
    runtimes: parts.runtimes.describe(),
    cannot: [
      ...rootlessLimits(parts.facts, parts.runtimes.list()),
      ...controllerLimits(parts.facts),
      ...resourceLimits(parts.facts, parts.instance),
    ],
    ...(files && { files }),
  };
}

/** An image that was made from a container of a project hands that project's labels down. */
async function imageLabels(
  containers: ContainerInspectResponse[],
  others: OtherObjects,
): Promise<Record<string, Record<string, string>>> {
  const marked = containers.filter(({ Config }) => Config?.Labels?.[PROJECT_LABEL] !== undefined);
  const found: Record<string, Record<string, string>> = {};
  for (const id of new Set(marked.flatMap(({ Image }) => Image ?? []))) {
    const labels = (await others.image(id))?.Config?.Labels;
    if (labels?.[PROJECT_LABEL] !== undefined) found[id] = labels;
  }
  return found;
}

function chosenContainers(request: ObserveRequest, parts: ContainerParts): Container[] {
  const { project } = request;
  const own = parts.containers
    .all()
    .filter(({ record }) => project && record.config.Labels?.[PROJECT_LABEL] === project);
  const named = (request.containers ?? []).flatMap((reference) => {
    const found = parts.containers.find(reference);
    return found ? [found] : [];
  });
  return [...new Set([...own, ...named])];
}

/** Host ports in use by others: sockets that listen, and what other containers publish. */
function heldPorts(observed: Container[], parts: ContainerParts): HeldPort[] {
  const published = (container: Container): HeldPort[] =>
    (parts.network.find(container.id)?.ports ?? []).map(({ protocol, hostIp, hostPort }) => ({
      protocol,
      hostIp,
      port: hostPort,
      container: container.record.name,
    }));
  const key = ({ protocol, port }: HeldPort) => `${protocol}/${port}`;
  const own = new Set(observed.flatMap(published).map(key));
  const others = parts.containers.all().filter((container) => !observed.includes(container));
  // What a container publishes also listens; the entry that names it comes last and stays.
  const held: HeldPort[] = [...readHeldPorts(), ...others.flatMap(published)];
  const free = held.filter((port) => !own.has(key(port)));
  return [...new Map(free.map((port) => [`${port.hostIp} ${key(port)}`, port])).values()];
}
