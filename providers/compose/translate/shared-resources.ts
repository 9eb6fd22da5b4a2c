// Networks and volumes of a project: declared on each host where a container uses them.
import type { NetworkInput } from "../../../resources/kinds/network/network.ts";
import type { VolumeInput } from "../../../resources/kinds/volume/volume.ts";
import type { ResourceInput } from "../../../resources/stack/stack.ts";
import { entry } from "../document/node.ts";
import type { Network, Volume } from "../model/types.ts";
import type { Translation } from "./context.ts";
import { KEY, resourceExtension } from "./extension.ts";
import type { Replica } from "./placement.ts";

/** The networks to declare. */
export function networksOf(
  replicas: readonly Replica[],
  known: readonly string[],
  translation: Translation,
) {
  const { model } = translation.project;
  return Object.entries(model.networks ?? {}).flatMap(([name, network]): ResourceInput[] => {
    const using = hostsUsing(replicas, (service) =>
      Object.hasOwn(model.services[service]?.networks ?? {}, name),
    );
    const { hosts, adopt } = placedWith("networks", name, using, known, translation);
    if (hosts.length > 1 && isCrossed(name, replicas, translation)) {
      const text = `is a network of its own on each of ${hosts.join(", ")}: names and addresses`;
      translation.warn(["networks", name], `${text} of one host are not known on another`);
    }
    if (network.external) return [];
    const spec = networkSpec(name, network, translation);
    return hosts.map((host) => ({ kind: "network", host, name, spec, ...adopt }));
  });
}

/** The volumes to declare. */
export function volumesOf(
  replicas: readonly Replica[],
  known: readonly string[],
  translation: Translation,
) {
  const { model } = translation.project;
  return Object.entries(model.volumes ?? {}).flatMap(([name, volume]): ResourceInput[] => {
    if (volume.external) return [];
    const using = hostsUsing(replicas, (service) =>
      (model.services[service]?.volumes ?? []).some(
        (mount) => mount.type === "volume" && mount.source === name,
      ),
    );
    const { hosts, adopt } = placedWith("volumes", name, using, known, translation);
    const spec = volumeSpec(name, volume, translation);
    return hosts.map((host) => ({ kind: "volume", host, name, spec, ...adopt }));
  });
}

/** The hosts of a resource: those that use it, which must be among those it names. */
function placedWith(
  kind: "networks" | "volumes",
  name: string,
  using: readonly string[],
  known: readonly string[],
  translation: Translation,
): { hosts: string[]; adopt: { adopt?: true } } {
  const { project, problems } = translation;
  const extension = resourceExtension(project.tree, kind, name, problems);
  const path = [kind, name, KEY];
  const named = extension.host === undefined ? extension.hosts : [extension.host];
  for (const host of named ?? []) {
    if (known.includes(host)) continue;
    translation.refuse(path, `host ${host} is not declared`, `There are ${known.join(", ")}.`);
  }
  for (const host of using) {
    if (named === undefined || named.includes(host)) continue;
    const hint = "Add the host here, or place the service on one of these.";
    translation.refuse(path, `a service on ${host} uses it, which is not among its hosts`, hint);
  }
  const hosts = [...new Set([...using, ...(named ?? [])])];
  return { hosts, adopt: extension.adopt ? { adopt: true } : {} };
}

/** Whether a service on the network depends on one that is on it on other hosts only. */
function isCrossed(
  network: string,
  replicas: readonly Replica[],
  { project }: Translation,
): boolean {
  const { services } = project.model;
  const on = (service: string) => Object.hasOwn(services[service]?.networks ?? {}, network);
  return replicas.some(({ service, host }) =>
    Object.keys(services[service]?.depends_on ?? {}).some((other) => {
      const near = replicas.some((one) => one.service === other && one.host === host);
      return on(service) && on(other) && !near;
    }),
  );
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
