// What a kind of root file system must be able to do; overlay and copy are behind it.

export interface StorageDriver {
  readonly name: string;
  /** Makes and mounts the root of a container; calling it again when mounted is a no-op. */
  mount(containerId: string, layers: string[]): Promise<string>;
  unmount(containerId: string): Promise<void>;
  /** Unmounts and deletes everything the container wrote. */
  remove(containerId: string): Promise<void>;
  /** Bytes the container itself wrote. */
  usage(containerId: string): Promise<number>;
}
