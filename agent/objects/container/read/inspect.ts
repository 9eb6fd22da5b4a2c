// What a container looks like to clients: the answer of inspect. Reads only.

import type {
  ContainerInspectResponse,
  ContainerState,
  EndpointSettings,
  HostConfig,
  MountPoint,
  NetworkSettings,
} from "@docker/node-sdk";
import { unreadableText } from "../../../../resources/wire.ts";
import { logDriver } from "../../../logs/drivers/registry.ts";
import type { Endpoint, EndpointRequest, Sandbox } from "../../../network/model/contract.ts";
import { hasIPv6 } from "../../host.ts";
import { DEFAULT_NETWORK, PREDEFINED_NAMES } from "../../network/predefined.ts";
import { cleanTarget } from "../create/mounts.ts";
import { portMap } from "../create/ports.ts";
import { networkOwner } from "../run/spec.ts";
import { type Container, NEVER } from "../state/container.ts";
import { shownLinks } from "../state/links.ts";
import type { ContainerParts } from "../state/parts.ts";
import type { ContainerRecord, MountRecord } from "../state/record.ts";

/** Docker's inspect answer; with `size` the bytes that the container wrote. */
export async function inspectContainer(
  container: Container,
  options: { size: boolean; apiVersion: number },
  parts: ContainerParts,
): Promise<ContainerInspectResponse> {
  const { record, paths } = container;
  const owner = ownerOf(container, parts);
  const { file: logFile } = logDriver(record.hostConfig.LogConfig?.Type);
  return {
    Id: record.id,
    Created: record.created,
    Path: record.path,
    Args: record.args,
    State: stateOf(container),
    Image: record.imageId,
    ResolvConfPath: owner.paths.resolvConf,
    HostnamePath: owner.paths.hostname,
    HostsPath: owner.paths.hosts,
    LogPath: logFile ? paths.log : "",
    Name: `/${record.name}`,
    RestartCount: container.state?.restartCount ?? 0,
    Driver: parts.storage.name,
    Platform: "linux",
    MountLabel: "",
    ProcessLabel: "",
    AppArmorProfile: "",
    ExecIDs: execIds(container),
    HostConfig: hostConfigOf(container, parts),
    GraphDriver: {
      Name: parts.storage.name,
      Data: parts.storage.details(record.id, parts.images.layersOf(record.imageId)),
    },
    ...(await sizesOf(container, options.size, parts)),
    Mounts: mountPoints(record),
    Config: record.config,
    NetworkSettings: networkSettings(container, options.apiVersion, parts),
  };
}

function hostConfigOf(container: Container, { containers }: ContainerParts): HostConfig {
  const { links, hostConfig } = container.record;
  return links ? { ...hostConfig, Links: shownLinks(container, containers) as never } : hostConfig;
}

/** What the container wrote, and that with its image; nothing unless they are asked for. */
export async function sizesOf(
  container: Container,
  asked: boolean,
  parts: ContainerParts,
): Promise<{ SizeRw?: number; SizeRootFs?: number }> {
  if (!asked) return {};
  const written = await parts.storage.usage(container.id);
  const image = await parts.images.sizeOf(container.record.imageId);
  return { SizeRw: written, SizeRootFs: image + written };
}

function ownerOf(container: Container, parts: ContainerParts): Container {
  try {
    return networkOwner(container, parts);
  } catch {
    return container;
  }
}

function execIds(container: Container): string[] | null {
  const ids = [...container.execs.values()].filter((exec) => exec.running).map(({ id }) => id);
  return ids.length > 0 ? ids : null;
}

/** Docker's State, with the flags that older clients read beside Status. */
export function stateOf(container: Container): ContainerState {
  const { state, status } = container;
  const created = state === undefined || state.status === "created";
  return {
    Status: status,
    Running: container.running,
    Paused: status === "paused",
    Restarting: status === "restarting",
    OOMKilled: state?.oomKilled ?? false,
    Dead: status === "dead",
    Pid: container.running ? (state?.pid ?? 0) : 0,
    ExitCode: container.exitCode,
    Error: errorOf(container),
    StartedAt: created ? NEVER : state.startedAt || NEVER,
    FinishedAt: created ? NEVER : state.finishedAt || NEVER,
    ...healthOf(container),
  };
}

function errorOf({ record, state, unreadable }: Container): string {
  if (unreadable) return unreadableText(unreadable);
  return record.failure?.message ?? state?.error ?? "";
}

function healthOf(container: Container): Pick<ContainerState, "Health"> {
  const health = container.state?.health;
  if (!health) return {};
  return {
    Health: {
      Status: health.status,
      FailingStreak: health.failingStreak,
      // The SDK's types decode this time to a Date; on the wire it is text.
      Log: health.log.map(({ start, end, exitCode, output }) => ({
        Start: start as unknown as Date,
        End: end,
        ExitCode: exitCode,
        Output: output,
      })),
    },
  };
}

/** Mounts; Docker leaves out those of HostConfig.Tmpfs, which is told beside. */
export function mountPoints({ mounts, hostConfig }: ContainerRecord): MountPoint[] {
  const beside = new Set(Object.keys(hostConfig.Tmpfs ?? {}).map(cleanTarget));
  return mounts
    .filter(({ type, target }) => type !== "tmpfs" || !beside.has(target))
    .map(mountPoint);
}

function mountPoint(mount: MountRecord): MountPoint {
  const base = {
    Type: mount.type,
    Source: mount.type === "tmpfs" ? "" : mount.source,
    Destination: mount.target,
    Mode: mount.type === "tmpfs" ? "" : mount.mode,
    RW: !mount.readOnly,
    Propagation: mount.type === "bind" ? mount.propagation : "",
  };
  return mount.type === "volume" ? { ...base, Name: mount.name, Driver: mount.driver } : base;
}

/** Addresses and ports; of a container that does not run, the networks it will join. */
function networkSettings(
  container: Container,
  apiVersion: number,
  parts: ContainerParts,
): NetworkSettings {
  const { record } = container;
  const sandbox = parts.network.find(container.id);
  const networks = endpointSettings(container, sandbox, apiVersion);
  const main = sandbox?.endpoints.find(({ networkName }) => networkName === DEFAULT_NETWORK);
  const ipv6 = sandbox?.relay !== undefined && hasIPv6();
  return {
    Bridge: "",
    SandboxID: sandbox?.netnsPath ? container.id : "",
    SandboxKey: sandbox?.netnsPath ?? "",
    HairpinMode: false,
    LinkLocalIPv6Address: "",
    LinkLocalIPv6PrefixLen: 0,
    Ports: sandbox ? portMap(record.config, sandbox.ports, ipv6) : {},
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    EndpointID: main?.endpointId ?? "",
    Gateway: main?.gateway ?? "",
    GlobalIPv6Address: main?.ipv6Address ?? "",
    GlobalIPv6PrefixLen: main?.ipv6PrefixLength ?? 0,
    IPAddress: main?.ipAddress ?? "",
    IPPrefixLen: main?.prefixLength ?? 0,
    IPv6Gateway: main?.ipv6Gateway ?? "",
    MacAddress: main?.macAddress ?? "",
    Networks: networks,
  };
}

/** NetworkSettings.Networks. */
export function endpointSettings(
  container: Container,
  sandbox: Sandbox | undefined,
  apiVersion: number,
): Record<string, EndpointSettings> {
  const requests = container.record.endpoints;
  if (!sandbox) {
    return Object.fromEntries(requests.map((r) => [r.network, settingsOf(r, undefined, [])]));
  }
  const entries = sandbox.endpoints.map((endpoint): [string, EndpointSettings] => {
    const request = requests.find(
      ({ network }) => network === endpoint.networkName || network === endpoint.networkId,
    );
    const names = dnsNames(container, endpoint, request);
    const settings = settingsOf(request, endpoint, names);
    // Before 1.45 the short id was one of the aliases.
    if (apiVersion < 1.45 && names.length > 0) {
      settings.Aliases = [...(settings.Aliases ?? []), container.id.slice(0, 12)];
    }
    return [endpoint.networkName, settings];
  });
  return Object.fromEntries(entries);
}

function dnsNames(
  container: Container,
  endpoint: Endpoint,
  request: EndpointRequest | undefined,
): string[] {
  if (PREDEFINED_NAMES.includes(endpoint.networkName)) return [];
  const { name, config } = container.record;
  const names = [name, ...(request?.aliases ?? []), container.id.slice(0, 12)];
  const hostname = config.Hostname ?? "";
  return [...new Set([...names, ...(hostname ? [hostname] : [])])];
}

function settingsOf(
  request: EndpointRequest | undefined,
  endpoint: Endpoint | undefined,
  names: string[],
): EndpointSettings {
  const aliases = request?.aliases ?? [];
  const asked = {
    ...(request?.ipv4 ? { IPv4Address: request.ipv4 } : {}),
    ...(request?.ipv6 ? { IPv6Address: request.ipv6 } : {}),
  };
  return {
    IPAMConfig: Object.keys(asked).length > 0 ? asked : null,
    Links: (request?.links?.map(({ name, alias }) => `${name}:${alias}`) ?? null) as never,
    Aliases: (aliases.length > 0 ? aliases : null) as never,
    MacAddress: endpoint?.macAddress ?? request?.macAddress ?? "",
    DriverOpts: null,
    GwPriority: 0,
    NetworkID: endpoint?.networkId ?? "",
    EndpointID: endpoint?.endpointId ?? "",
    Gateway: endpoint?.gateway ?? "",
    IPAddress: endpoint?.ipAddress ?? "",
    IPPrefixLen: endpoint?.prefixLength ?? 0,
    IPv6Gateway: endpoint?.ipv6Gateway ?? "",
    GlobalIPv6Address: endpoint?.ipv6Address ?? "",
    GlobalIPv6PrefixLen: endpoint?.ipv6PrefixLength ?? 0,
    DNSNames: (names.length > 0 ? names : null) as never,
  };
}
