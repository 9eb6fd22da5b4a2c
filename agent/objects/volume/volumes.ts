// All volumes of this agent: made, mounted, filled, listed, removed, with a record for each.

import { randomBytes } from "node:crypto";
import { chmod, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Volume } from "@docker/node-sdk";
import { FairleadError } from "../../../resources/model/errors.ts";
import { type UnreadableRecord, unreadableText } from "../../../resources/wire.ts";
import { SerialQueue } from "../../concurrency/serial-queue.ts";
import { writeRecord } from "../../state/record.ts";
import type { RecordStore } from "../../state/record-store.ts";
import type { Flatten } from "../../storage/driver/flatten.ts";
import { treeBytes } from "../../storage/driver/tree-bytes.ts";
import { populate } from "../../storage/populate.ts";
import type { VolumeDriver } from "../../storage/volume/driver.ts";
import { volumeDriver } from "../../storage/volume/registry.ts";
import { type EventSink, publishPrune } from "../event.ts";
import { editLabels, type LabelEdits } from "../labels.ts";
import type { StoredVolume, VolumeRequest, VolumeStore } from "./store.ts";
import {
  ANONYMOUS_LABEL,
  checkVolumeName,
  driverOf,
  inspectVolume,
  matchesVolume,
  salvageVolume,
  type VolumeRecord,
  type VolumeUsage,
  volumeForm,
} from "./volume.ts";

export interface VolumesOptions {
  /** The agent's `--root`. */
  root: string;
  records: RecordStore;
  mounts: VolumeMounts;
  flatten: Flatten;
  events: EventSink;
}

/** What volumes with a device ask of the addon. */
export interface VolumeMounts {
  mount(request: NonNullable<Awaited<ReturnType<VolumeDriver["mountOf"]>>>): Promise<void>;
  umount(path: string, options?: { detach?: boolean }): Promise<void>;
}

type Usage = Parameters<VolumeStore["setUsage"]>[0];
type Filters = ReadonlyMap<string, readonly string[]>;

export class Volumes implements VolumeStore {
  readonly #options: VolumesOptions;
  readonly #directory: string;
  readonly #records = new Map<string, VolumeRecord>();
  /** Those of which nobody knows whether they have a device: kept, and not used. */
  readonly #lost = new Map<string, UnreadableRecord>();
  /** Containers that hold a mounted device; absent for one that an earlier agent mounted. */
  readonly #holders = new Map<string, Set<string>>();
  #usage: Usage = () => [];
  readonly #queue = new SerialQueue();

  constructor(options: VolumesOptions) {
    this.#options = options;
    this.#directory = join(options.root, "volumes");
  }

  /** Reads the records; removes what a crash left half removed. */
  async load(): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.#directory)) {
      if (name.startsWith(".removed-")) {
        await rm(join(this.#directory, name), { recursive: true, force: true });
        continue;
      }
      await this.#load(name);
    }
  }

  async #load(name: string): Promise<void> {
    const { records } = this.#options;
    const path = this.#recordPath(name);
    const reading = await records.read(volumeForm, path, (record) => record.name === name);
    if (reading && "record" in reading) {
      this.#records.set(name, reading.record);
      return;
    }
    const data = await readdir(join(this.#directory, name, "_data")).catch(() => []);
    const hasData = data.length > 0;
    // A creation that was cut off has made the folders only.
    if (reading === undefined && !hasData) return;
    const unreadable = reading?.unreadable ?? records.missing(volumeForm, path);
    const text = await readFile(unreadable.setAside, "utf8").catch(() => "");
    const record = salvageVolume(name, text, hasData);
    if (record === undefined) this.#lost.set(name, unreadable);
    else {
      await writeRecord(volumeForm, path, record);
      this.#records.set(name, record);
    }
  }

  setUsage(inUse: Usage): void {
    this.#usage = inUse;
  }

  find(name: string): StoredVolume | undefined {
    const record = this.#records.get(name);
    return record === undefined ? undefined : this.#stored(record);
  }

  /** The record, or `not_found` in Docker's words. */
  require(name: string): VolumeRecord {
    this.#refuseLost(name);
    const record = this.#records.get(name);
    if (record !== undefined) return record;
    const shown = name.slice(0, 100).replace(/[\x00-\x1f\x7f]/g, "?");
    throw new FairleadError("not_found", `get ${shown}: no such volume`);
  }

  inspect(name: string): Volume {
    const record = this.require(name);
    return inspectVolume(record, this.#stored(record).mountpoint);
  }

  list(filters: Filters = new Map()): Volume[] {
    const used = new Set([...this.#usage()].map(({ volume }) => volume));
    return [...this.#records.values()]
      .filter((record) => matchesVolume(record, used.has(record.name), filters))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((record) => inspectVolume(record, this.#stored(record).mountpoint));
  }

  ensure(request: VolumeRequest): Promise<StoredVolume> {
    volumeDriver(request.driver, request.name);
    return this.#queue.run(async () => {
      this.#refuseLost(request.name);
      const known = this.#records.get(request.name);
      if (known !== undefined) return this.#stored(sameOptions(known, request));
      return this.#stored(await this.#make(request));
    });
  }

  async mount(name: string, containerId: string): Promise<string> {
    return this.#queue.run(async () => {
      const record = this.require(name);
      const { mountpoint } = this.#stored(record);
      const driver = volumeDriver(record.driver, name);
      const request = await driver.mountOf(record.options, mountpoint);
      if (request === undefined) return mountpoint;
      if (!(await isMountPoint(mountpoint))) {
        await this.#options.mounts.mount(request).catch((error: Error) => {
          throw new FairleadError("invalid", `failed to mount volume ${name}: ${error.message}`, {
            hint: `check its options ${driver.options.join(", ")}`,
            cause: error,
          });
        });
        this.#holders.set(name, new Set());
      }
      this.#holders.get(name)?.add(containerId);
      return mountpoint;
    });
  }

  async unmount(name: string, containerId: string): Promise<void> {
    await this.#queue.run(async () => {
      const holders = this.#holders.get(name);
      holders?.delete(containerId);
      // One that an earlier agent mounted may have holders that nobody counted: it stays.
      if (holders === undefined || holders.size > 0) return;
      this.#holders.delete(name);
      await this.#detach(name);
    });
  }

  /** Copies what the image has at the mount point into an empty volume, links not followed out. */
  populate(name: string, rootfsPath: string, containerPath: string): Promise<void> {
    const { mountpoint } = this.#stored(this.require(name));
    return populate(mountpoint, rootfsPath, containerPath, this.#options.flatten);
  }

  async remove(name: string): Promise<void> {
    await this.#queue.run(async () => {
      const record = this.require(name);
      const users = this.#users(name);
      if (users.length > 0) {
        const text = `remove ${name}: volume is in use - [${users.join(", ")}]`;
        throw new FairleadError("conflict", text);
      }
      await this.#erase(record);
    });
  }

  /** Removes unused volumes that the filters accept: anonymous ones, or all with `all`. */
  async prune(filters: Filters): Promise<{ names: string[]; bytes: number }> {
    const all = filters.get("all")?.some((value) => /^(1|true)$/i.test(value)) === true;
    const rest = new Map([...filters].filter(([key]) => key !== "all"));
    return this.#queue.run(async () => {
      const names: string[] = [];
      let bytes = 0;
      for (const record of [...this.#records.values()]) {
        if (this.#users(record.name).length > 0 || (!all && !record.anonymous)) continue;
        if (!matchesVolume(record, false, rest)) continue;
        bytes += Math.max(0, (await this.usage(record.name)).bytes);
        await this.#erase(record);
        names.push(record.name);
      }
      publishPrune(this.#options.events, "volume", bytes);
      return { names, bytes };
    });
  }

  /** Size of a volume's own files (not of a device) and its containers. */
  async usage(name: string): Promise<VolumeUsage> {
    const record = this.require(name);
    const plain = Object.keys(record.options).length === 0;
    const bytes = plain ? await treeBytes(this.#stored(record).mountpoint) : -1;
    return { bytes, containers: this.#users(name).length };
  }

  /** Replaces the labels of a volume; its data is not touched. */
  async relabel(name: string, edits: LabelEdits): Promise<void> {
    await this.#queue.run(async () => {
      const found = this.require(name);
      const record = { ...found, labels: editLabels(name, found.labels, edits) };
      await writeRecord(volumeForm, this.#recordPath(name), record);
      this.#records.set(name, record);
    });
  }

  async #make(request: VolumeRequest): Promise<VolumeRecord> {
    const anonymous = request.name === "";
    const name = anonymous ? randomBytes(32).toString("hex") : request.name;
    checkVolumeName(name);
    const driver = volumeDriver(request.driver, name);
    driver.check(request.options);
    const record: VolumeRecord = {
      name,
      driver: driver.name,
      createdAt: new Date().toISOString(),
      labels: anonymous ? { ...request.labels, [ANONYMOUS_LABEL]: "" } : request.labels,
      options: request.options,
      anonymous,
    };
    const home = join(this.#directory, name);
    await mkdir(home, { recursive: true, mode: 0o700 });
    await mkdir(join(home, "_data"), { recursive: true });
    await chmod(join(home, "_data"), 0o755);
    await writeRecord(volumeForm, this.#recordPath(name), record);
    this.#records.set(name, record);
    this.#options.events.publish("volume", "create", name, { driver: driver.name });
    return record;
  }

  async #erase(record: VolumeRecord): Promise<void> {
    const { name } = record;
    await this.#detach(name);
    const discarded = join(this.#directory, `.removed-${name}-${randomBytes(4).toString("hex")}`);
    await rename(join(this.#directory, name), discarded);
    this.#records.delete(name);
    this.#holders.delete(name);
    this.#options.events.publish("volume", "destroy", name, { driver: driverOf(record) });
    await rm(discarded, { recursive: true, force: true });
  }

  /** The data of a device must be out of reach before anything is deleted. */
  async #detach(name: string): Promise<void> {
    const path = join(this.#directory, name, "_data");
    if (await isMountPoint(path)) await this.#options.mounts.umount(path, { detach: true });
  }

  #recordPath(name: string): string {
    return join(this.#directory, name, "volume.json");
  }

  #refuseLost(name: string): void {
    const lost = this.#lost.get(name);
    if (!lost) return;
    throw new FairleadError("conflict", `volume ${name}: ${unreadableText(lost)}`, {
      path: lost.setAside,
      hint: "whether it has a device is unknown, so put a sound volume.json in its place",
    });
  }

  #users(name: string): string[] {
    return [...this.#usage()].filter(({ volume }) => volume === name).map((use) => use.container);
  }

  #stored(record: VolumeRecord): StoredVolume {
    const { name, anonymous } = record;
    const mountpoint = join(this.#directory, name, "_data");
    return { name, driver: driverOf(record), mountpoint, anonymous };
  }
}

/** A volume that exists is taken as it is, unless other options are asked for. */
function sameOptions(known: VolumeRecord, { name, options }: VolumeRequest): VolumeRecord {
  const wanted = Object.entries(options);
  const same =
    wanted.length === Object.keys(known.options).length &&
    wanted.every(([key, value]) => known.options[key] === value);
  if (same || wanted.length === 0) return known;
  throw new FairleadError("conflict", `volume ${name} already exists with other options`, {
    hint: "remove it first, or use another name",
  });
}

/** A bind mount is on the same device as its folder, so only the kernel's table tells. */
async function isMountPoint(path: string): Promise<boolean> {
  const escaped = path.replace(/[\\ \t\n]/g, (c) => `\\0${c.charCodeAt(0).toString(8)}`);
  const table = await readFile("/proc/self/mountinfo", "utf8");
  return table.split("\n").some((line) => line.split(" ")[4] === escaped);
}
