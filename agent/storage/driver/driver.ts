// What a kind of root file system must be able to do, and its entry in the registry.
import type { Native } from "../../native/index.ts";
import type { Flatten } from "./flatten.ts";

/**
 * How an unpacked layer keeps deletions: as overlayfs does, or as the `.wh.` files of the image
 * specification, for drivers that put layers together themselves.
 */
export type LayerForm = "overlay" | "marker";

/** A path, from the root of the container, that differs from the image. */
export interface StorageChange {
  path: string;
  kind: "modified" | "added" | "deleted";
  /** Of a file as it is now, else 0. */
  bytes: number;
}

/** Layers are directories, lowest first; below a given one there are always the same. */
export interface StorageDriver {
  readonly name: string;
  /** The form in which layers must be unpacked for it. */
  readonly layerForm: LayerForm;
  /** Makes and mounts the root of a container; calling it again when mounted is a no-op. */
  mount(containerId: string, layers: string[]): Promise<string>;
  unmount(containerId: string): Promise<void>;
  /** Unmounts and deletes everything the container wrote. */
  remove(containerId: string): Promise<void>;
  /** Bytes the container itself wrote. */
  usage(containerId: string): Promise<number>;
  /** What the container changed, a directory before what is in it. */
  changes(containerId: string, layers: string[]): Promise<StorageChange[]>;
  /** What inspect tells about the place of the root, in the driver's own words. */
  details(containerId: string, layers: string[]): Record<string, string>;
  /** Lets go of what was made from a layer that is about to be removed. */
  forgetLayer?(layer: string): Promise<void>;
}

export interface StorageHost {
  /** The driver's own folder, `ROOT/storage/NAME`; it need not exist. */
  folder: string;
  native: Pick<Native, "mountOverlay" | "umount" | "mknod" | "getxattr" | "setxattr" | "ioctl">;
  flatten: Flatten;
  /** Whether the agent is root of a user namespace only. */
  userNamespace: boolean;
}

export interface StorageDriverEntry {
  readonly name: string;
  /** Tries what the driver needs; an error says in one sentence what this host lacks. */
  open(host: StorageHost): Promise<StorageDriver>;
}
