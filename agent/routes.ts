// The routes of the agent, and what each of them is given of what is open.
import { type AgentDrivers, PROJECT_LABEL, unreadableText } from "../resources/wire.ts";
import { archiveRoutes } from "./api/archive.ts";
import { blobRoutes } from "./api/blobs.ts";
import { buildRoutes } from "./api/build.ts";
import { deliveredBuildRoutes } from "./api/build-delivered.ts";
import { commitRoutes } from "./api/commit.ts";
import { containerStreamRoutes } from "./api/container-streams.ts";
import { containerRoutes } from "./api/containers.ts";
import { eventRoutes } from "./api/events.ts";
import { execRoutes } from "./api/exec.ts";
import { type FairleadParts, fairleadRoutes, type OtherObjects } from "./api/fairlead.ts";
import { imageDiskUsage, imageRoutes } from "./api/images.ts";
import { networkRoutes } from "./api/networks.ts";
import { deliveryRoutes } from "./api/project-files.ts";
import { refusedRoutes } from "./api/refused.ts";
import type { Route } from "./api/route.ts";
import { stoppingRoutes } from "./api/stopping.ts";
import { type SystemParts, systemRoutes } from "./api/system.ts";
import { volumeDiskUsage, volumeRoutes } from "./api/volumes.ts";
import type { BuildParts } from "./build/parts.ts";
import { hostDriverFacts } from "./driver-facts.ts";
import { DEFAULT_LOG_DRIVER, LOG_DRIVERS } from "./logs/drivers/registry.ts";
import type { Native } from "./native/index.ts";
import type { NetworkController } from "./network/controller.ts";
import { NETWORK_DRIVERS } from "./network/drivers/registry.ts";
import type { Uplink } from "./network/uplink.ts";
import { rootlessWarnings } from "./objects/container/create/rootless.ts";
import { listContainers } from "./objects/container/read/list.ts";
import { connectContainer, disconnectContainer } from "./objects/container/run/networks.ts";
import { relabelContainer } from "./objects/container/run/update.ts";
import type { ContainerParts } from "./objects/container/state/parts.ts";
import type { EventLog } from "./objects/event.ts";
import { inspectImage } from "./objects/image/image.ts";
import type { Images } from "./objects/image/images.ts";
import { inspectNetwork } from "./objects/network/network.ts";
import type { Networks } from "./objects/network/networks.ts";
import type { Volumes } from "./objects/volume/volumes.ts";
import type { StorageChoice } from "./storage/choose.ts";
import { STORAGE_DRIVERS } from "./storage/drivers/registry.ts";
import { VOLUME_DRIVERS } from "./storage/volume/registry.ts";

/** Everything that is open. */
export interface Objects {
  native: Native;
  uplink: Uplink | undefined;
  events: EventLog;
  images: Images;
  volumes: Volumes;
  networks: Networks;
  controller: NetworkController;
  storage: StorageChoice;
  containers: ContainerParts;
  building: BuildParts;
}

/** Every route of the agent, over what is open. */
export function routesOf(
  objects: Objects,
  facts: { version: string; root: string; engineId: string },
): Route[] {
  const { events, images, volumes, networks, containers, storage } = objects;
  const members = {
    connect: (id: string, network: Parameters<typeof connectContainer>[1], settings: object) =>
      connectContainer(containers.containers.require(id), network, settings, containers),
    disconnect: async (
      id: string,
      network: Parameters<typeof disconnectContainer>[1],
      force: boolean,
    ) => {
      if (force && !containers.containers.find(id)) return;
      await disconnectContainer(containers.containers.require(id), network, force, containers);
    },
  };
  return [
    ...systemRoutes(systemParts(objects, facts)),
    ...eventRoutes(events),
    ...containerRoutes(containers),
    ...stoppingRoutes(containers),
    ...containerStreamRoutes(containers),
    ...archiveRoutes(containers),
    ...execRoutes(containers),
    ...commitRoutes(containers, images),
    ...imageRoutes({ images, storageDriver: storage.driver.name }),
    ...blobRoutes(images),
    ...buildRoutes(objects.building),
    ...deliveredBuildRoutes(objects.building),
    ...volumeRoutes(volumes),
    ...networkRoutes({ networks, members }),
    ...deliveryRoutes("/fairlead/projects", containers.projectFiles),
    ...fairleadRoutes({
      ...{ containers, others: otherObjects(objects), relabel: relabelling(objects) },
      drivers: () => driversOf(objects),
    }),
    ...refusedRoutes(),
  ];
}

/** Who edits the labels of which kind. */
function relabelling({ containers, networks, volumes }: Objects): FairleadParts["relabel"] {
  return {
    container: (id, edits) => relabelContainer(containers.containers.require(id), edits),
    network: (id, edits) => networks.relabel(id, edits),
    volume: (id, edits) => volumes.relabel(id, edits),
  };
}

export function driversOf({ storage, containers }: Objects): AgentDrivers {
  return {
    storage: {
      name: storage.driver.name,
      reason: storage.reason,
      names: STORAGE_DRIVERS.map(({ name }) => name),
      containers: containers.containers.all().length,
    },
    ...hostDriverFacts(),
  };
}

function systemParts(
  { events, images, volumes, containers, storage, uplink, controller }: Objects,
  facts: { version: string; root: string; engineId: string },
): SystemParts {
  const count = (statuses: string[]) =>
    containers.containers.all().filter(({ status }) => statuses.includes(status)).length;
  return {
    ...facts,
    storage: { name: storage.driver.name, reason: storage.reason },
    drivers: {
      networks: NETWORK_DRIVERS.map(({ name }) => name),
      volumes: VOLUME_DRIVERS.map(({ name }) => name),
      logs: [
        DEFAULT_LOG_DRIVER,
        ...LOG_DRIVERS.filter((one) => one.keeps({}) && one.name !== DEFAULT_LOG_DRIVER).map(
          ({ name }) => name,
        ),
      ],
    },
    runtimes: containers.runtimes,
    containerCounts: () => ({
      running: count(["running", "restarting"]),
      paused: count(["paused"]),
      stopped: count(["created", "exited", "removing", "dead"]),
    }),
    imageCount: async () => images.count,
    warnings: () => [
      ...rootlessWarnings(containers.facts, uplink?.missing),
      ...containers.records.unreadable.map((one) => `WARNING: ${unreadableText(one)}`),
      ...(controller.watch.missing
        ? [`WARNING: ${controller.watch.missing} is missing on this host`]
        : []),
    ],
    listeners: () => events.listeners,
    diskUsage: async (types, apiVersion) => ({
      ...(types.includes("image") ? await imageDiskUsage(images, apiVersion) : {}),
      ...(types.includes("volume") ? await volumeDiskUsage(volumes) : {}),
      ...(types.includes("container")
        ? { Containers: await listContainers(everything(apiVersion), containers) }
        : {}),
      ...(types.includes("build-cache") ? { BuildCache: [], BuilderSize: 0 } : {}),
    }),
  };
}

function everything(apiVersion: number) {
  return { all: true, limit: 0, size: true, filters: new Map(), apiVersion };
}

function otherObjects({ images, volumes, networks, storage, controller }: Objects): OtherObjects {
  const inspect = (record: Parameters<typeof inspectNetwork>[0]) =>
    inspectNetwork(record, networks.attached(record));
  return {
    networks: {
      check: () => controller.watch.check(),
      project: (project) =>
        networks
          .all()
          .filter(({ labels }) => labels[PROJECT_LABEL] === project)
          .map(inspect),
      find: (name) => {
        const found = networks.find(name);
        return found && inspect(found);
      },
    },
    volumes: {
      project: (project) => volumes.list(new Map([["label", [`${PROJECT_LABEL}=${project}`]]])),
      find: (name) => (volumes.find(name) ? volumes.inspect(name) : undefined),
    },
    image: async (reference) => {
      const found = await images.show(reference);
      return found && inspectImage(found, storage.driver.name, 1.51);
    },
  };
}
