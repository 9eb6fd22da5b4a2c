// A network whose record cannot be read, as far as the rest of the text and the containers in it
// tell what it was: enough for these to keep their addresses, names and ports. Pure.

import type { NetworkDriverEntry } from "../../network/driver/driver.ts";
import { NETWORK_DRIVERS } from "../../network/drivers/registry.ts";
import type { Sandbox } from "../../network/model/contract.ts";
import {
  formatSubnet,
  parseAddress,
  requireAddress,
  requireSubnet,
  type Subnet,
  subnetOf,
} from "../../network/model/ip.ts";
import type { AddressPool } from "../../network/model/network.ts";
import { salvage, salvageText, salvageTexts } from "../../state/salvage.ts";
import { type NetworkRecord, networkForm } from "./network.ts";
import { PREDEFINED } from "./predefined.ts";

export interface NetworkRemains {
  id: string;
  instance: string;
  /** Of the record. */
  text: string;
  /** What the containers that run have in the network. */
  endpoints: Sandbox["endpoints"];
}

export function salvageName({ text, endpoints }: NetworkRemains): string | undefined {
  return salvageText(text, "name") ?? endpoints[0]?.networkName;
}

/** undefined when too little is left: what a network shuts in must not get out by a guess. */
export function salvageNetwork(remains: NetworkRemains): NetworkRecord | undefined {
  const { id, instance, text, endpoints } = remains;
  const name = salvageName(remains);
  if (name === undefined) return undefined;
  const predefined = PREDEFINED.find((network) => network.name === name)?.driver;
  // A network without addresses is made anew.
  if (predefined && !predefined.traits.addresses) return undefined;
  const isDefault = predefined !== undefined;
  const found: unknown = salvage(text, "settings") ?? salvage(text, "bridge");
  const kept = typeof found === "object" && found !== null ? found : undefined;
  const driver = predefined ?? driverOf(text, kept);
  if (driver === undefined) return undefined;
  const unused = { id, instance, predefined: isDefault, ipv6: false };
  const defaults = driver.readOptions({}, unused);
  const settings = kept ?? (isDefault ? defaults : undefined);
  const internal = salvage(text, "internal") ?? (isDefault ? false : undefined);
  const pools = (salvage(text, "pools") as AddressPool[] | undefined) ?? poolsOf(endpoints);
  if (settings === undefined || !Array.isArray(pools) || !pools.every(isPool)) return undefined;
  if (pools.length === 0) return undefined;
  const has = (sign: string) => pools.some(({ subnet }) => subnet.includes(sign));
  const record = {
    spec: {
      ...{ id, name, driver: driver.name, internal, pools, nameResolution: !isDefault },
      settings: { ...defaults, ...settings },
    },
    created: salvageText(text, "created") ?? new Date(0).toISOString(),
    attachable: salvage(text, "attachable") === true,
    ipv4: has("."),
    ipv6: has(":"),
    options: salvageTexts(text, "options") ?? {},
    labels: salvageTexts(text, "labels") ?? {},
  };
  try {
    return networkForm.check(record);
  } catch {
    return undefined;
  }
}

/** The driver that is named, else the one whose settings these are. */
function driverOf(text: string, settings: object | undefined): NetworkDriverEntry | undefined {
  const named = NETWORK_DRIVERS.find(({ name }) => name === salvageText(text, "driver"));
  if (named || settings === undefined) return named;
  return NETWORK_DRIVERS.find(({ traits, isSettings }) => traits.creatable && isSettings(settings));
}

function isPool({ subnet, gateway }: AddressPool): boolean {
  return readSubnet(String(subnet)) !== undefined && parseAddress(String(gateway)) !== undefined;
}

function readSubnet(text: string): Subnet | undefined {
  try {
    return requireSubnet(text, "subnet");
  } catch {
    return undefined;
  }
}

function poolsOf(endpoints: Sandbox["endpoints"]): AddressPool[] {
  const [one] = endpoints;
  if (!one) return [];
  const pool = (address: string, prefixLength: number, gateway: string): AddressPool[] => {
    if (address === "" || gateway === "") return [];
    const subnet = subnetOf(requireAddress(address, "address"), prefixLength);
    return [{ subnet: formatSubnet(subnet), gateway }];
  };
  return [
    ...pool(one.ipAddress, one.prefixLength, one.gateway),
    ...pool(one.ipv6Address, one.ipv6PrefixLength, one.ipv6Gateway),
  ];
}
