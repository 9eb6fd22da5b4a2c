// Builds the agent from its parts and lists its routes: the one place that knows every driver.
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
import { openBuildCache } from "./build/cache.ts";
import type { BuildParts } from "./build/parts.ts";
import { removeSteps } from "./build/run.ts";
import { hostDriverFacts } from "./driver-facts.ts";
import { engineId } from "./engine-id.ts";
import { hostMounts } from "./host-mounts.ts";
import { openContent } from "./images/content.ts";
import { nativePacker } from "./images/pack.ts";
import { rebuildCatalog } from "./images/rebuild.ts";
import { nativeUnpacker } from "./images/unpack.ts";
import { DEFAULT_LOG_DRIVER, LOG_DRIVERS } from "./logs/drivers/registry.ts";
import { compressLogs } from "./logs/file/compress.ts";
import { LogForwarding } from "./logs/forwarding.ts";
import { loadNative, type Native } from "./native/index.ts";
import { NetworkController } from "./network/controller.ts";
import { NameTables } from "./network/discovery/name-tables.ts";
import { NETWORK_DRIVERS } from "./network/drivers/registry.ts";
import { Uplink } from "./network/uplink.ts";
import { rootlessWarnings } from "./objects/container/create/rootless.ts";
import { listContainers } from "./objects/container/read/list.ts";
import { connectContainer, disconnectContainer } from "./objects/container/run/networks.ts";
import {
  loadContainers,
  type RecoveryCount,
  recoverContainers,
} from "./objects/container/run/recover.ts";
import { relabelContainer } from "./objects/container/run/update.ts";
import type { Container } from "./objects/container/state/container.ts";
import { Containers } from "./objects/container/state/containers.ts";
import { compressedLog } from "./objects/container/state/log.ts";
import type { ContainerParts } from "./objects/container/state/parts.ts";
import { EventLog } from "./objects/event.ts";
import { readHostFacts } from "./objects/host.ts";
import { inspectImage } from "./objects/image/image.ts";
import { Images } from "./objects/image/images.ts";
import { inspectNetwork } from "./objects/network/network.ts";
import { Networks } from "./objects/network/networks.ts";
import { ProjectFiles } from "./objects/project-files/store.ts";
import { Volumes } from "./objects/volume/volumes.ts";
import type { AgentOptions } from "./options.ts";
import { Runtimes } from "./runtime/runtimes.ts";
import type { RecordStore } from "./state/record-store.ts";
import { chooseStorage, type StorageChoice } from "./storage/choose.ts";
import { nativeFlatten } from "./storage/driver/flatten.ts";
import { STORAGE_DRIVERS } from "./storage/drivers/registry.ts";
import { VOLUME_DRIVERS } from "./storage/volume/registry.ts";
import { AGENT_VERSION } from "./version.ts";

export interface Agent {
  routes: Route[];
  /** Takes over what runs, and starts what should after a reboot; tells how far it is. */
  recover(onCount: (count: RecoveryCount) => void): Promise<void>;
  drivers(): AgentDrivers;
  /** Removes networks, bridges and rules of this instance from the kernel. */
  dismantle(): Promise<void>;
  /** Gives back memory that work has left behind. */
  trimMemory(): Promise<void>;
  /** Before it ends; what runs goes on. */
  leave(): Promise<void>;
}

type Report = (line: string) => void;

interface Objects {
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

/** Opens the state under `options.root`; starts nothing. */
export async function assemble(
  options: AgentOptions,
  records: RecordStore,
  report: Report,
): Promise<Agent> {
  await sweep(options, records);
  const objects = await openObjects(options, records, report);
  const routes = routesOf(objects, {
    version: AGENT_VERSION,
    root: options.root,
    engineId: await engineId(options.root, records),
  });
  return {
    routes,
    recover: (onCount) => recover(objects, onCount, report),
    drivers: () => driversOf(objects),
    dismantle: () => objects.controller.dismantle(),
    trimMemory: () => objects.native.giveBackMemory(),
    leave: () => objects.containers.logs.close(),
  };
}

/** Folders with records, and how many folders below them have some. */
async function sweep({ root, run }: AgentOptions, records: RecordStore): Promise<void> {
  for (const folder of [root, `${root}/networks`, `${root}/images`]) await records.sweep(folder, 0);
  for (const folder of [`${run}/sandboxes`, `${run}/uplink`]) await records.sweep(folder, 0);
  for (const folder of [`${root}/volumes`, `${root}/layers`, `${root}/projects`])
    await records.sweep(folder, 1);
  await records.sweep(`${root}/containers`, 2);
}

async function recover(
  { containers, images, events, controller }: Objects,
  onCount: (count: RecoveryCount) => void,
  report: Report,
): Promise<void> {
  await recoverContainers(containers, onCount);
  await removeSteps(containers);
  controller.watch.start();
  const compressed = () => containers.containers.all().flatMap((one) => compressedLog(one) ?? []);
  compressLogs(compressed, report);
  const failed = (error: Error) => report(`images: ${error.message}`);
  // Nobody waits for this. It is left out while a list of images lies there that could not be
  // read: what is on that list alone would seem unneeded.
  const { catalog } = images.content;
  if (!containers.records.unreadableAt(catalog.path)) images.collect().catch(failed);
  events.listen(({ type, action }) => {
    if (type === "container" && action === "destroy") images.release().catch(failed);
  });
}

async function openObjects(
  options: AgentOptions,
  records: RecordStore,
  report: Report,
): Promise<Objects> {
  const { root, run, instance, socket, readerSocket } = options;
  const native = loadNative(`${options.native}/fairlead.node`);
  const binary = `${options.native}/fairlead-runtime`;
  const events = new EventLog();
  const flatten = nativeFlatten(binary);
  const unpack = nativeUnpacker(binary);
  const facts = readHostFacts();
  const userNamespace = facts.rootless !== undefined;
  const wanted = options.storage;
  const storage = await chooseStorage({ root, native, flatten, userNamespace, wanted });
  report(`storage driver ${storage.driver.name}: ${storage.reason}`);
  const content = await openContent(root, unpack, storage.driver, records);
  if (content.catalog.unreadable) {
    report(`images found again in the content store: ${await rebuildCatalog(content)}`);
  }
  const build = await openBuildCache(`${root}/build`, records);
  const images = new Images({ content, events, kept: () => build.cache.images() });
  const volumes = new Volumes({ root, records, mounts: native, flatten, events });
  await volumes.load();
  const uplink = facts.rootless && new Uplink({ native, run, records, warn: report });
  await uplink?.open();
  const controller = new NetworkController({
    native,
    drivers: NETWORK_DRIVERS,
    discovery: new NameTables(run),
    instance,
    run,
    records,
    uplink,
    warn: report,
    announce: (action, { id, name, driver }, container) =>
      events.publish("network", action, id, { container, name, type: driver }),
  });
  const networks = new Networks({ root, instance, controller, records, events, warn: report });
  await networks.load();
  const containers: ContainerParts = {
    ...{ root, run, instance, socket, readerSocket, binary, records },
    runtimes: new Runtimes({ binary, file: options.runtimes }),
    facts,
    containers: new Containers(),
    images,
    storage: storage.driver,
    network: controller,
    volumes,
    events,
    mounts: hostMounts(native),
    projectFiles: new ProjectFiles(`${root}/projects`, records),
    logs: new LogForwarding(records, native.sendDatagrams, report),
    unpack,
    pack: nativePacker(binary),
    nextRestart: native.nextRestart,
    report,
  };
  await loadContainers(containers);
  setUsage(containers, images, volumes);
  // Whoever builds has them: what a lost power took is brought again.
  const contexts = new ProjectFiles(`${root}/build/contexts`, records, { durable: false });
  const building = { containers, images, content, contexts, ...build };
  const others = { volumes, networks, controller, storage, containers, uplink };
  return { native, events, images, building, ...others };
}

/** What containers use is asked of them before an image or a volume goes. */
function setUsage({ containers }: ContainerParts, images: Images, volumes: Volumes): void {
  images.setUsage(() =>
    containers.all().flatMap((container) =>
      imagesOf(container, images).map((imageId) => ({
        imageId,
        container: container.id,
        running: container.running,
      })),
    ),
  );
  volumes.setUsage(() =>
    containers
      .all()
      .flatMap((container) =>
        container.record.removing
          ? []
          : container.record.mounts
              .filter(({ type }) => type === "volume")
              .map(({ name }) => ({ volume: name, container: container.id })),
      ),
  );
}

/** Where the record of a container is lost, any image that is only kept may be its own. */
function imagesOf({ record, unreadable }: Container, images: Images): string[] {
  if (!unreadable || record.imageId !== "") return [record.imageId];
  return images.content.catalog.all().flatMap(({ id, removed }) => (removed ? [id] : []));
}

function routesOf(
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

function driversOf({ storage, containers }: Objects): AgentDrivers {
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
