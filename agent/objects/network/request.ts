// What a request to create a network says, checked and read. Pure: the subnets that nobody named
// are chosen by networks.ts, which knows what the host uses already.
import type { IPAMConfig, NetworkCreateRequest } from "@docker/node-sdk";
import { FairleadError } from "../../../resources/model/errors.ts";
import { formatAddress, requireAddress, requireSubnet } from "../../network/ip.ts";
import { INTERFACE_NAME_BYTES } from "../../network/names.ts";
import type { AddressPool, BridgeOptions } from "../../network/network.ts";

export interface NetworkWish {
  name: string;
  internal: boolean;
  attachable: boolean;
  ipv4: boolean;
  ipv6: boolean;
  /** Those that the request names; at most one of each family. */
  pools: AddressPool[];
  bridge: Partial<BridgeOptions>;
  options: Record<string, string>;
  labels: Record<string, string>;
}

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/;
const BUILT_IN: Record<string, string> = { host: "host", null: "none", none: "none" };

/** Reads a request; everything in it is honoured or refused, `invalid` or `unsupported`. */
export function readNetworkRequest(request: NetworkCreateRequest): NetworkWish {
  const { Name, Labels, Options, Internal, Attachable } = request;
  if (!NAME.test(Name)) {
    throw new FairleadError("invalid", `${JSON.stringify(Name)} is not a network name`, {
      path: "Name",
      hint: "a letter or digit, then letters, digits, dots, hyphens and underscores; at most 128",
    });
  }
  refuseUnsupported(request);
  const options = { ...Options };
  const ipv4 = readBoolean(options, "com.docker.network.enable_ipv4") ?? request.EnableIPv4 ?? true;
  const ipv6 =
    readBoolean(options, "com.docker.network.enable_ipv6") ?? request.EnableIPv6 ?? false;
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
    bridge: readBridgeOptions(options, ipv6),
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

function refuseUnsupported(request: NetworkCreateRequest): void {
  const refuse = (path: string, message: string, hint: string) => {
    throw new FairleadError("unsupported", message, { path, hint });
  };
  const driver = request.Driver ?? "";
  const builtIn = BUILT_IN[driver];
  if (builtIn) {
    const message = `only one instance of "${builtIn}" network is allowed`;
    throw new FairleadError("forbidden", message, { path: "Driver" });
  }
  if (driver !== "" && driver !== "bridge" && driver !== "default") {
    refuse("Driver", `the network driver ${JSON.stringify(driver)} is not there`, "use bridge");
  }
  const scope = request.Scope ?? "";
  if (scope !== "" && scope !== "local") refuse("Scope", "networks are local", "use local");
  if (request.Ingress) refuse("Ingress", "an ingress network belongs to a swarm", "leave it out");
  if (request.ConfigOnly || request.ConfigFrom?.Network) {
    refuse("ConfigOnly", "networks of configuration only are not known", "name the options here");
  }
  const { Driver = "", Options } = request.IPAM ?? {};
  if (Driver !== "" && Driver !== "default") {
    refuse(
      "IPAM.Driver",
      `the address driver ${JSON.stringify(Driver)} is not there`,
      "use default",
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

/** Takes every option that the bridge driver knows and refuses the rest. */
function readBridgeOptions(given: Record<string, string>, ipv6: boolean): Partial<BridgeOptions> {
  const options = { ...given };
  const prefix = "com.docker.network.bridge.";
  const name = take(options, `${prefix}name`);
  const binding = take(options, `${prefix}host_binding_ipv4`);
  const mtu = take(options, "com.docker.network.driver.mtu");
  const interfacePrefix = take(options, "com.docker.network.container_iface_prefix");
  const masquerade = readBoolean(options, `${prefix}enable_ip_masquerade`);
  const interContainer = readBoolean(options, `${prefix}enable_icc`);
  const pattern = new RegExp(`^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,${INTERFACE_NAME_BYTES - 1}}$`);
  check(
    name === undefined || pattern.test(name),
    `${prefix}name`,
    name,
    "1 to 15 letters or digits",
  );
  const prefixOk = interfacePrefix === undefined || /^[a-z]{1,10}$/i.test(interfacePrefix);
  check(prefixOk, "com.docker.network.container_iface_prefix", interfacePrefix, "up to 10 letters");
  const mtuBytes = Number(mtu);
  // An IPv4 link carries 68 bytes (RFC 791), an IPv6 link 1280 (RFC 8200).
  const mtuOk = mtuBytes >= (ipv6 ? 1280 : 68) && mtuBytes <= 65535;
  check(mtu === undefined || mtuOk, "com.docker.network.driver.mtu", mtu, "a number of bytes");
  for (const key of ["default_bridge", "inhibit_ipv4"]) {
    const value = take(options, prefix + key);
    check(value === undefined || value === "false", prefix + key, value, "only false");
  }
  for (const key of ["gateway_mode_ipv4", "gateway_mode_ipv6"]) {
    const value = take(options, prefix + key);
    check(value === undefined || value === "nat", prefix + key, value, "only nat");
  }
  const [unknown] = Object.keys(options);
  if (unknown !== undefined) {
    throw new FairleadError("unsupported", `the bridge driver has no option ${unknown}`, {
      path: "Options",
    });
  }
  return {
    ...(name === undefined ? {} : { name }),
    ...(mtu === undefined ? {} : { mtu: mtuBytes }),
    ...(masquerade === undefined ? {} : { masquerade }),
    ...(interContainer === undefined ? {} : { interContainer }),
    ...(binding === undefined ? {} : { hostBinding: hostBinding(binding) }),
    ...(interfacePrefix === undefined ? {} : { interfacePrefix }),
  };
}

function hostBinding(text: string): string {
  return formatAddress(requireAddress(text, "com.docker.network.bridge.host_binding_ipv4"));
}

function readBoolean(options: Record<string, string>, key: string): boolean | undefined {
  const text = take(options, key)?.toLowerCase();
  check(text === undefined || /^(true|false|1|0)$/.test(text), key, text, "true or false");
  return text === undefined ? undefined : text === "true" || text === "1";
}

function take(options: Record<string, string>, key: string): string | undefined {
  const value = options[key];
  delete options[key];
  return value;
}

function check(fine: boolean, path: string, value: string | undefined, hint: string): void {
  if (fine) return;
  throw new FairleadError("invalid", `${path}: ${JSON.stringify(value)} cannot be used`, {
    path: `Options.${path}`,
    hint,
  });
}
