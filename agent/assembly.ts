// Opens the agent's state and builds its parts: the one place that chooses every driver.
import type { AgentDrivers } from "../resources/wire.ts";
import type { Route } from "./api/route.ts";
import { openBuildCache } from "./build/cache.ts";
import { removeSteps } from "./build/run.ts";
import { engineId } from "./engine-id.ts";
import { hostMounts } from "./host-mounts.ts";
import { openContent } from "./images/content.ts";
import { nativePacker } from "./images/pack.ts";
import { rebuildCatalog } from "./images/rebuild.ts";
import { nativeUnpacker } from "./images/unpack.ts";
import { compressLogs } from "./logs/file/compress.ts";
import { LogForwarding } from "./logs/forwarding.ts";
import { loadNative } from "./native/index.ts";
import { NetworkController } from "./network/controller.ts";
import { NameTables } from "./network/discovery/name-tables.ts";
import { NETWORK_DRIVERS } from "./network/drivers/registry.ts";
import { Uplink } from "./network/uplink.ts";
import {
  loadContainers,
  type RecoveryCount,
  recoverContainers,
} from "./objects/container/run/recover.ts";
import type { Container } from "./objects/container/state/container.ts";
import { Containers } from "./objects/container/state/containers.ts";
import { compressedLog } from "./objects/container/state/log.ts";
import type { ContainerParts } from "./objects/container/state/parts.ts";
import { EventLog } from "./objects/event.ts";
import { readHostFacts } from "./objects/host.ts";
import { Images } from "./objects/image/images.ts";
import { Networks } from "./objects/network/networks.ts";
import { ProjectFiles } from "./objects/project-files/store.ts";
import { Volumes } from "./objects/volume/volumes.ts";
import type { AgentOptions } from "./options.ts";
import { driversOf, type Objects, routesOf } from "./routes.ts";
import { Runtimes } from "./runtime/runtimes.ts";
import type { RecordStore } from "./state/record-store.ts";
import { chooseStorage } from "./storage/choose.ts";
import { nativeFlatten } from "./storage/driver/flatten.ts";
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
