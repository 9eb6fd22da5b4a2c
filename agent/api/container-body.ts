// What the bodies of requests about containers ask for, once their shape is right.
import type {
  ContainerConfig,
  ExecConfig,
  ExecStartConfig,
  HostConfig,
  NetworkingConfig,
} from "@docker/node-sdk";
import { FairleadError } from "../../resources/model/errors.ts";
import type { FileRequest } from "../../resources/wire.ts";
import { decode } from "./json.ts";
import { config, createBody, updateBody } from "./shapes/container.ts";
import { execBody, execStartBody } from "./shapes/exec.ts";
import { hostConfig } from "./shapes/host-config.ts";

export interface CreateBody {
  config: ContainerConfig;
  hostConfig: HostConfig;
  networking: NetworkingConfig;
  files: FileRequest[];
}

/** The body of POST /containers/create, with commands as lists. */
export function readCreateBody(value: unknown): CreateBody {
  const body = decode(createBody, value ?? {});
  const own = pick(body, config);
  if (Object.keys(own).length === 0) {
    throw new FairleadError("invalid", "Config cannot be empty in order to create a container");
  }
  for (const [network, endpoint] of Object.entries(body.NetworkingConfig?.EndpointsConfig ?? {})) {
    if (endpoint) continue;
    throw new FairleadError("invalid", `no EndpointSettings for ${network}`);
  }
  return {
    config: withLists(own) as ContainerConfig,
    hostConfig: hostConfigOf(body) as HostConfig,
    networking: (body.NetworkingConfig ?? {}) as NetworkingConfig,
    files: body.Fairlead?.Files ?? [],
  };
}

/** What a commit changes of the container's configuration. */
export const readCommitBody = (value: unknown) =>
  withLists(pick(decode(createBody, value ?? {}), config)) as ContainerConfig;
export const readUpdateBody = (value: unknown) => decode(updateBody, value ?? {});
export const readExecBody = (value: unknown) =>
  withLists(decode(execBody, value ?? {})) as ExecConfig;
export const readExecStartBody = (value: unknown) =>
  decode(execStartBody, value ?? {}) as ExecStartConfig;

/** These alone are taken from beside a HostConfig; without one, everything is. */
const LEGACY = ["Memory", "MemorySwap", "CpuShares", "CpusetCpus", "VolumeDriver"] as const;

/** As dockerd until API 1.43, whose clients put parts of HostConfig beside it. */
function hostConfigOf(body: ReturnType<typeof decode<typeof createBody>>): object {
  const beside = pick(body, hostConfig.shape) as HostConfig;
  const host: HostConfig = { ...((body.HostConfig as HostConfig | undefined) ?? beside) };
  for (const key of LEGACY)
    if (!host[key] && beside[key]) Object.assign(host, { [key]: beside[key] });
  if (!host.CpusetCpus && body.Cpuset) host.CpusetCpus = body.Cpuset;
  return host;
}

function pick(value: object, shape: object): object {
  return Object.fromEntries(Object.entries(value).filter(([key]) => Object.hasOwn(shape, key)));
}

function withLists<T extends object>(value: T): T {
  const list = (item: unknown) => (typeof item === "string" ? [item] : item);
  const entries = Object.entries(value).map(([key, item]) =>
    key === "Cmd" || key === "Entrypoint" ? [key, list(item)] : [key, item],
  );
  return Object.fromEntries(entries) as T;
}
