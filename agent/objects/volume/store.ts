// What containers need of the volumes of this agent.

export interface VolumeRequest {
  /** "" makes an anonymous one with a random name. */
  name: string;
  /** "" is "local". */
  driver: string;
  options: Record<string, string>;
  labels: Record<string, string>;
}

export interface StoredVolume {
  name: string;
  driver: string;
  /** Directory on the host that holds the data. */
  mountpoint: string;
  /** Made without a name for one container: removed with it (`rm -v`, `--rm`). */
  anonymous: boolean;
}

export interface VolumeStore {
  find(name: string): StoredVolume | undefined;
  /** The volume of that name, made when missing; `conflict` when it exists with another driver. */
  ensure(request: VolumeRequest): Promise<StoredVolume>;
  /** Makes the data reachable at the mountpoint (volumes with a device); a no-op for plain ones. */
  mount(name: string, containerId: string): Promise<string>;
  unmount(name: string, containerId: string): Promise<void>;
  /** Fills an empty volume with what a root has at a path, owner and mode included. */
  populate(name: string, rootfsPath: string, containerPath: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Volumes in use by containers are asked of the consumer before anything is removed. */
  setUsage(inUse: () => Iterable<{ volume: string; container: string }>): void;
}
