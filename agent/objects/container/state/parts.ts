// What the functions that make, start and remove containers need: drivers, places, events.
import type { Packer } from "../../../images/pack.ts";
import type { Unpacker } from "../../../images/unpack.ts";
import type { LogForwarding } from "../../../logs/forwarding.ts";
import type { SandboxController } from "../../../network/model/contract.ts";
import type { RestartPolicy } from "../../../runtime/restart.ts";
import type { Runtimes } from "../../../runtime/runtimes.ts";
import type { RecordStore } from "../../../state/record-store.ts";
import type { StorageDriver } from "../../../storage/driver/driver.ts";
import type { EventSink } from "../../event.ts";
import type { HostFacts } from "../../host.ts";
import type { ImageStore } from "../../image/store.ts";
import type { ProjectFiles } from "../../project-files/store.ts";
import type { VolumeStore } from "../../volume/store.ts";
import type { Containers } from "./containers.ts";
import type { ContainerPaths } from "./record.ts";
import { pathsOf } from "./record.ts";

/** The few mounts that containers need outside their own namespaces. */
export interface HostMounts {
  tmpfs(target: string, options: string): Promise<void>;
  /** Unmounts if something is mounted there. */
  unmount(target: string): Promise<void>;
}

export interface ContainerParts {
  root: string;
  run: string;
  instance: string;
  /** Where this agent serves the Engine API. */
  socket: string;
  /** The same for those who may only read. */
  readerSocket: string;
  /** Path of fairlead-runtime. */
  binary: string;
  facts: HostFacts;
  records: RecordStore;
  runtimes: Runtimes;
  containers: Containers;
  images: ImageStore;
  storage: StorageDriver;
  network: SandboxController;
  volumes: VolumeStore;
  events: EventSink;
  mounts: HostMounts;
  projectFiles: ProjectFiles;
  logs: LogForwarding;
  unpack: Unpacker;
  pack: Packer;
  nextRestart: RestartPolicy;
  report: (line: string) => void;
}

export function pathsIn(parts: ContainerParts, id: string): ContainerPaths {
  return pathsOf(parts.root, parts.run, id);
}
