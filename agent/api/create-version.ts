// What a creation means to a client of an older API version: fields that its version had not are as
// good as absent, and defaults are what they were.
import { FairleadError } from "../../resources/model/errors.ts";
import type { CreateBody } from "./container-body.ts";

/** The request as dockerd reads it from a client of that version; changes what it is given. */
export function forVersion(body: CreateBody, apiVersion: number): CreateBody {
  const { config, hostConfig: host, networking } = body;
  if (apiVersion < 1.25) host.AutoRemove = false;
  if (apiVersion < 1.4) {
    host.IpcMode ||= "shareable";
    delete (host as { KernelMemoryTCP?: number }).KernelMemoryTCP;
  }
  if (apiVersion < 1.42) {
    host.ConsoleSize = null;
    for (const { BindOptions } of host.Mounts ?? []) {
      delete BindOptions?.CreateMountpoint;
      if (apiVersion < 1.4) delete BindOptions?.NonRecursive;
    }
  } else delete (host as { KernelMemory?: number }).KernelMemory;
  if (apiVersion < 1.43) delete host.Annotations;
  if (apiVersion < 1.44) {
    delete config.Healthcheck?.StartInterval;
    refuseSeveral(Object.keys(networking.EndpointsConfig ?? {}));
  }
  return body;
}

function refuseSeveral(networks: string[]): void {
  if (networks.length < 2) return;
  throw new FairleadError(
    "invalid",
    `Container cannot be created with multiple network endpoints: ${networks.join(", ")}`,
  );
}
