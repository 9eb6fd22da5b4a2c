// What a request to create a network says, checked and read. Pure: the subnets that nobody named
// are chosen by networks.ts, which knows what the host uses already.
import type { IPAMConfig, NetworkCreateRequest } from "@docker/node-sdk";
import { FairleadError } from "../../../resources/model/errors.ts";
import type { NetworkDriverEntry } from "../../network/driver/driver.ts";
import { OptionReader } from "../../network/driver/options.ts";
import { NETWORK_DRIVERS } from "../../network/drivers/registry.ts";
import { ADDRESS_DRIVERS } from "../../network/ipam/drivers.ts";
import { formatAddress, requireAddress, requireSubnet } from "../../network/model/ip.ts";
import type { AddressPool } from "../../network/model/network.ts";
import { DEFAULT_NETWORK } from "./predefined.ts";

export interface NetworkRequest {
  name: string;
  internal: boolean;
  attachable: boolean;
  ipv4: boolean;
  ipv6: boolean;
  /** Those that the request names; at most one of each family. */
  pools: AddressPool[];
  driver: NetworkDriverEntry;
  /** Those that are the driver's affair. */
  driverOptions: Record<string, string>;
  /** All, as they were given. */
  options: Record<string, string>;
  labels: Record<string, string>;
}

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/;
const IPV4 = "com.docker.network.enable_ipv4";
const IPV6 = "com.docker.network.enable_ipv6";

/** Reads a request; everything in it is honoured or refused, `invalid` or `unsupported`. */
export function readNetworkRequest(request: NetworkCreateRequest): NetworkRequest {
  const { Name, Labels, Options, Internal, Attachable } = request;
  if (!NAME.test(Name)) {
    throw new FairleadError("invalid", `${JSON.stringify(Name)} is not a network name`, {
      path: "Name",
      hint: "a letter or digit, then letters, digits, dots, hyphens and underscores; at most 128",
    });
  }
  refuseUnsupported(request);
  const driver = driverNamed(request.Driver ?? "");
  const reader = new OptionReader(Options ?? {});
  const ipv4 = reader.boolean(IPV4) ?? request.EnableIPv4 ?? true;
  const ipv6 = reader.boolean(IPV6) ?? request.EnableIPv6 ?? false;
  if (!ipv4 && !ipv6) {
    throw new FairleadError("invalid", "IPv4 or IPv6 must be enabled", { path: "EnableIPv4" });
  }
  return {
    name: Name,
    internal: Internal ?? false,
    attachable: Attachable ?? false,
    ipv4,
    ipv6,
    pools: readPools(request.IPAM?.Config ?? [], { 4: ipv4, 6: ipv6 }),
    driver,
    driverOptions: reader.left,
    options: { ...Options },
    labels: { ...Labels },
  };
}

/** The pool of a subnet, with its first address as gateway where none is named. */
export function poolWithGateway(config: IPAMConfig & { Subnet: string }): AddressPool {
  const subnet = requireSubnet(config.Subnet, "IPAM.Config.Subnet");
  const first = formatAddress({ family: subnet.family, value: subnet.first + 1n });
  const { Gateway, IPRange, AuxiliaryAddresses } = config;
  return {
    subnet: config.Subnet,
    gateway: Gateway ? formatAddress(requireAddress(Gateway, "IPAM.Config.Gateway")) : first,
    ...(IPRange ? { ipRange: IPRange } : {}),
    ...(AuxiliaryAddresses ? { auxiliary: AuxiliaryAddresses } : {}),
  };
}

/** The driver of that name; "" and Docker's `default` are that of the default network. */
function driverNamed(name: string): NetworkDriverEntry {
  const usual = name === "" || name === "default";
  const found = NETWORK_DRIVERS.find((driver) =>
    usual ? driver.predefined?.name === DEFAULT_NETWORK : driver.name === name,
  );
  if (found === undefined) {
    const shown = name.slice(0, 100).replace(/[\x00-\x1f\x7f]/g, "?");
    const creatable = NETWORK_DRIVERS.filter(({ traits }) => traits.creatable);
    throw new FairleadError("not_found", `plugin "${shown}" not found`, {
      path: "Driver",
      hint: `use ${creatable.map((driver) => driver.name).join(" or ")}`,
    });
  }
  if (found.traits.creatable) return found;
  const message = `only one instance of "${found.name}" network is allowed`;
  throw new FairleadError("forbidden", message, { path: "Driver" });
}

function refuseUnsupported(request: NetworkCreateRequest): void {
  const refuse = (path: string, message: string, hint: string) => {
    throw new FairleadError("unsupported", message, { path, hint });
  };
  const scope = request.Scope ?? "";
  if (scope !== "" && scope !== "local") refuse("Scope", "networks are local", "use local");
  if (request.Ingress) refuse("Ingress", "an ingress network belongs to a swarm", "leave it out");
  if (request.ConfigOnly || request.ConfigFrom?.Network) {
    refuse("ConfigOnly", "networks of configuration only are not known", "name the options here");
  }
  const { Driver = "", Options } = request.IPAM ?? {};
  if (Driver !== "" && !ADDRESS_DRIVERS.some(({ name }) => name === Driver)) {
    refuse(
      "IPAM.Driver",
      `the address driver ${JSON.stringify(Driver)} is not there`,
      `use ${ADDRESS_DRIVERS.map(({ name }) => name).join(" or ")}`,
    );
  }
  if (Options && Object.keys(Options).length > 0) {
    refuse("IPAM.Options", "the address driver has no options", "leave them out");
  }
}

function readPools(configs: IPAMConfig[], enabled: Record<4 | 6, boolean>): AddressPool[] {
  const pools: AddressPool[] = [];
  const seen = new Set<number>();
  for (const config of configs) {
    const { Subnet } = config;
    if (!Subnet) {
      if (!config.Gateway && !config.IPRange && !config.AuxiliaryAddresses) continue;
      throw new FairleadError("invalid", "IPAM.Config: a gateway or range needs its subnet", {
        path: "IPAM.Config.Subnet",
      });
    }
    const { family, prefixLength } = requireSubnet(Subnet, "IPAM.Config.Subnet");
    const path = "IPAM.Config";
    if (seen.has(family)) {
      const message = `IPAM.Config: a network has one IPv${family} subnet, and this names more`;
      throw new FairleadError("unsupported", message, { path });
    }
    if (!enabled[family]) {
      const message = `IPAM.Config: ${Subnet} is IPv${family}, which this network does not enable`;
      throw new FairleadError("invalid", message, { path, hint: `set EnableIPv${family}` });
    }
    if (prefixLength > (family === 4 ? 30 : 126)) {
      const message = `IPAM.Config: ${Subnet} has no room for a gateway and a container`;
      throw new FairleadError("invalid", message, { path });
    }
    seen.add(family);
    pools.push(poolWithGateway({ ...config, Subnet }));
  }
  return pools;
}
