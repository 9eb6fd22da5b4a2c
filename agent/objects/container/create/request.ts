// What a request to create a container says, once its shape was checked at the door.
import type { ContainerConfig, HostConfig, NetworkingConfig } from "@docker/node-sdk";
import type { FileRequest } from "../../../../resources/wire.ts";

export interface ContainerRequest {
  name: string | undefined;
  platform: string | undefined;
  config: ContainerConfig;
  hostConfig: HostConfig;
  networking: NetworkingConfig;
  files: FileRequest[];
}
