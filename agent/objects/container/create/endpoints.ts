// Which networks a new container joins, from NetworkMode and EndpointsConfig. Pure.

import { isIP } from "node:net";
import type { ContainerConfig, EndpointSettings, HostConfig } from "@docker/node-sdk";
import { FairleadError } from "../../../../resources/model/errors.ts";
import type { EndpointRequest } from "../../../network/model/contract.ts";
import {
  NO_NETWORK,
  networkNamed,
  PREDEFINED_NAMES,
  standsAlone,
} from "../../network/predefined.ts";
import { readLink } from "./links.ts";
import type { ContainerRequest } from "./request.ts";

/** Networks without addresses that a user may choose. */
const PLAIN = [...PREDEFINED_NAMES, "default"];

/** Every endpoint of a request, NetworkMode's first; none when another container's is used. */
export function requestedEndpoints(
  request: ContainerRequest,
  hostConfig: HostConfig,
): EndpointRequest[] {
  const mode = networkNamed(hostConfig.NetworkMode);
  const given = request.networking.EndpointsConfig ?? {};
  if (mode.startsWith("container:")) {
    checkShared(request.config, hostConfig, given);
    return [];
  }
  if (request.config.NetworkDisabled) return [{ network: NO_NETWORK, aliases: [] }];
  const configured = Object.entries(given).map(([name, settings]) => {
    return endpointOf(networkNamed(name), settings ?? {});
  });
  const main = configured.find(({ network }) => network === mode) ?? {
    network: mode,
    aliases: [],
  };
  const rest = configured.filter((endpoint) => endpoint !== main);
  if (rest.length > 0 && standsAlone(mode)) {
    throw new FairleadError(
      "invalid",
      `conflicting options: network mode ${mode} and further networks`,
    );
  }
  const macAddress = request.config.MacAddress ?? "";
  if (macAddress === "") return [main, ...rest];
  return [{ ...main, macAddress: main.macAddress ?? checkMac(macAddress) }, ...rest];
}

/** One endpoint of a create or connect request; `invalid` names the field that is wrong. */
export function endpointOf(network: string, settings: EndpointSettings): EndpointRequest {
  const { IPAMConfig, Aliases, MacAddress, Links, DriverOpts, GwPriority } = settings;
  const unsupported = (field: string, hint: string) =>
    new FairleadError("unsupported", `EndpointsConfig.${network}.${field}`, { hint });
  if (IPAMConfig?.LinkLocalIPs?.length)
    throw unsupported("IPAMConfig.LinkLocalIPs", "leave it out");
  if (DriverOpts && Object.keys(DriverOpts).length > 0) {
    throw unsupported("DriverOpts", "the driver has no options per endpoint");
  }
  if (GwPriority) throw unsupported("GwPriority", "the first network is the gateway");
  const ipv4 = checkIp("IPv4Address", IPAMConfig?.IPv4Address, 4);
  const ipv6 = checkIp("IPv6Address", IPAMConfig?.IPv6Address, 6);
  const aliases = Aliases ?? [];
  if ((ipv4 || ipv6) && PLAIN.includes(network)) {
    throw new FairleadError(
      "invalid",
      "user specified IP address is supported on user defined networks only",
    );
  }
  if (aliases.length > 0 && PLAIN.includes(network)) {
    throw new FairleadError(
      "invalid",
      "network-scoped alias is supported only for containers in user defined networks",
    );
  }
  if (Links?.length && PLAIN.includes(network)) {
    throw new FairleadError(
      "invalid",
      "network-scoped links are supported only for containers in user defined networks",
    );
  }
  const wrong = aliases.find((alias) => !/^[^\s\0#]{1,253}$/.test(alias));
  if (wrong !== undefined) {
    throw new FairleadError("invalid", `invalid network alias ${JSON.stringify(wrong)}`);
  }
  return {
    network,
    aliases,
    ...(Links?.length ? { links: Links.map(readLink) } : {}),
    ...(ipv4 ? { ipv4 } : {}),
    ...(ipv6 ? { ipv6 } : {}),
    ...(MacAddress ? { macAddress: checkMac(MacAddress) } : {}),
  };
}

/** Docker's rules for a container that lives in another one's network. */
function checkShared(
  config: ContainerConfig,
  host: HostConfig,
  given: Record<string, EndpointSettings>,
): void {
  const conflict = (what: string) =>
    new FairleadError(
      "invalid",
      `conflicting options: ${what} and the container type network mode`,
    );
  if (config.Hostname)
    throw new FairleadError("invalid", "conflicting options: hostname and the network mode");
  if (Object.keys(host.PortBindings ?? {}).length > 0) throw conflict("port publishing");
  if (host.PublishAllPorts) throw conflict("port publishing");
  if (Object.keys(config.ExposedPorts ?? {}).length > 0) throw conflict("port exposing");
  if (host.Dns?.length) throw conflict("dns");
  if (host.ExtraHosts?.length) throw conflict("custom host-to-IP mapping");
  if (config.MacAddress) throw conflict("mac-address");
  if (Object.keys(given).length > 0) throw conflict("further networks");
}

function checkIp(field: string, text: string | undefined, family: 4 | 6): string {
  if (!text) return "";
  if (isIP(text) === family) return text;
  throw new FairleadError("invalid", `invalid ${field}: ${JSON.stringify(text)}`);
}

function checkMac(text: string): string {
  if (/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(text)) return text.toLowerCase();
  throw new FairleadError("invalid", `${JSON.stringify(text)} is not a valid mac address`);
}
