// Networks and volumes of a project: declared on each host where a container uses them.
import type { NetworkInput } from "../../../resources/network.ts";
import type { ResourceInput } from "../../../resources/stack.ts";
import type { VolumeInput } from "../../../resources/volume.ts";
import { entry } from "../model/node.ts";
import type { Network, Volume } from "../model/types.ts";
import type { Translation } from "./context.ts";
import type { Replica } from "./placement.ts";

/** The networks to declare. */
export function networksOf(replicas: readonly Replica[], translation: Translation) {
  const { model } = translation.project;
  return Object.entries(model.networks ?? {}).flatMap(([name, network]): ResourceInput[] => {
    const hosts = hostsUsing(replicas, (service) =>
      Object.hasOwn(model.services[service]?.networks ?? {}, name),
    );
    if (hosts.length > 1) {
      const path = ["networks", name];
      translation.warn(path, `is a network of its own on each of ${hosts.join(", ")}`);
    }
    if (network.external) return [];
    const spec = networkSpec(name, network, translation);
    return hosts.map((host) => ({ kind: "network", host, name, spec }));
  });
}

/** The volumes to declare. */
export function volumesOf(replicas: readonly Replica[], translation: Translation) {
  const { model } = translation.project;
  return Object.entries(model.volumes ?? {}).flatMap(([name, volume]): ResourceInput[] => {
    if (volume.external) return [];
    const hosts = hostsUsing(replicas, (service) =>
      (model.services[service]?.volumes ?? []).some(
        (mount) => mount.type === "volume" && mount.source === name,
      ),
    );
    const spec = volumeSpec(name, volume, translation);
    return hosts.map((host) => ({ kind: "volume", host, name, spec }));
  });
}

function hostsUsing(replicas: readonly Replica[], uses: (service: string) => boolean): string[] {
  return [...new Set(replicas.filter(({ service }) => uses(service)).map(({ host }) => host))];
}

function networkSpec(key: string, network: Network, translation: Translation): NetworkInput {
  if (network.enable_ipv4 === false) {
    translation.refuse(["networks", key, "enable_ipv4"], "false is not supported", "Remove it.");
  }
  const node = entry(entry(translation.project.tree.entries.get("networks"), key), "ipam");
  if (entry(node, "options") !== undefined) {
    translation.refuse(["networks", key, "ipam", "options"], "is not supported", "Remove it.");
  }
  const subnets = network.ipam?.config?.map((pool) => ({
    subnet: pool.subnet ?? "",
    ...(pool.gateway === undefined ? {} : { gateway: pool.gateway }),
    ...(pool.ip_range === undefined ? {} : { ipRange: pool.ip_range }),
    ...(pool.aux_addresses === undefined ? {} : { auxAddresses: pool.aux_addresses }),
  }));
  return {
    name: network.name,
    ...(network.driver === undefined ? {} : { driver: network.driver }),
    ...(network.driver_opts === undefined ? {} : { driverOpts: network.driver_opts }),
    ...(network.internal ? { internal: true } : {}),
    ...(network.attachable ? { attachable: true } : {}),
    ...(network.enable_ipv6 ? { enableIpv6: true } : {}),
    ...(network.ipam?.driver === undefined ? {} : { ipamDriver: network.ipam.driver }),
    ...(subnets === undefined ? {} : { subnets }),
    labels: labelsOf("network", key, network, translation),
  };
}

function volumeSpec(key: string, volume: Volume, translation: Translation): VolumeInput {
  return {
    name: volume.name,
    ...(volume.driver === undefined ? {} : { driver: volume.driver }),
    ...(volume.driver_opts === undefined ? {} : { driverOpts: volume.driver_opts }),
    labels: labelsOf("volume", key, volume, translation),
  };
}

/** The declared labels, and those by which Docker's tools recognise what Compose made. */
function labelsOf(
  kind: "network" | "volume",
  key: string,
  { labels }: Network | Volume,
  { project }: Translation,
): Record<string, string> {
  return {
    ...labels,
    "com.docker.compose.project": project.name,
    [`com.docker.compose.${kind}`]: key,
  };
}
