// What a request to create a container says, once its shape was checked at the door.
import type { ContainerConfig, HostConfig, NetworkingConfig } from "@docker/node-sdk";

export interface FileRequest {
  Target: string;
  Uid: number;
  Gid: number;
  Mode: number;
  /** Base64. */
  Content: string;
  Secret: boolean;
}

export interface ContainerRequest {
  name: string | undefined;
  platform: string | undefined;
  config: ContainerConfig;
  hostConfig: HostConfig;
  networking: NetworkingConfig;
  files: FileRequest[];
}
