// What an engine would show of an object that was made from a spec, for tests without an engine.
import type { ContainerInspectResponse, NetworkInspect, Volume } from "@docker/node-sdk";
import { type ContainerInput, container } from "../../../resources/kinds/container/container.ts";
import {
  createRequest,
  normalContainer,
} from "../../../resources/kinds/container/docker/container.ts";
import { endpointSettings } from "../../../resources/kinds/container/docker/network-facets.ts";
import { createNetworkRequest, normalNetwork } from "../../../resources/kinds/network/docker.ts";
import { type NetworkInput, network } from "../../../resources/kinds/network/network.ts";
import { createVolumeRequest, normalVolume } from "../../../resources/kinds/volume/docker.ts";
import { type VolumeInput, volume } from "../../../resources/kinds/volume/volume.ts";
import { check } from "../../../resources/model/schema.ts";
import { ownershipLabels } from "../../../resources/plan/ownership.ts";

export const PROJECT = "shop";
export const IMAGE_ID = `sha256:${"a".repeat(64)}`;

/** A running container named `shop-web`, with the defaults of an image and an engine around it. */
export function inspectedContainer(
  input: ContainerInput,
  name = "web",
  id = "1".repeat(64),
): ContainerInspectResponse {
  const spec = { name: `${PROJECT}-${name}`, ...check(container, input) };
  const {
    HostConfig,
    NetworkingConfig: _none,
    ...config
  } = createRequest(spec, ownershipLabels(PROJECT, name, normalContainer(spec)));
  const networks = Object.entries(spec.networks ?? { bridge: {} });
  return {
    Id: id,
    Name: `/${spec.name}`,
    Image: IMAGE_ID,
    State: { Status: "running", Running: true, ExitCode: 0 },
    HostConfig: {
      ...{ NetworkMode: "default", IpcMode: "private", ShmSize: 67_108_864, CgroupnsMode: "host" },
      ...{ LogConfig: { Type: "json-file", Config: {} }, Runtime: "runc", Memory: 0 },
      ...HostConfig,
    },
    Config: {
      ...{ Hostname: id.slice(0, 12), Cmd: ["serve"], WorkingDir: "/srv", StopSignal: "SIGQUIT" },
      ...config,
      Env: ["PATH=/bin", ...(config.Env ?? [])],
      Labels: { "org.image": "yes", ...config.Labels },
      Healthcheck: { Interval: 30e9, Retries: 3, ...config.Healthcheck },
    },
    NetworkSettings: {
      Networks: Object.fromEntries(
        networks.map(([key, one]) => {
          const settings = endpointSettings(one);
          const Aliases = [...(settings.Aliases ?? []), id.slice(0, 12)];
          return [key, { MacAddress: "02:42:ac:11:00:02", ...settings, Aliases }];
        }),
      ),
    },
  };
}

export function inspectedNetwork(input: NetworkInput, name = "front"): NetworkInspect {
  const spec = { name: `${PROJECT}_${name}`, ...check(network, input) };
  const labels = ownershipLabels(PROJECT, name, normalNetwork(spec));
  const { IPAM, ...request } = createNetworkRequest(`${spec.name}`, spec, labels);
  const pool = { Subnet: "172.20.0.0/16", Gateway: "172.20.0.1" };
  const Config = IPAM?.Config?.length ? IPAM.Config : [pool];
  return { Id: "2".repeat(64), ...request, IPAM: { Driver: "default", ...IPAM, Config } };
}

export function inspectedVolume(input: VolumeInput, name = "data"): Volume {
  const spec = { name: `${PROJECT}_${name}`, ...check(volume, input) };
  const labels = ownershipLabels(PROJECT, name, normalVolume(spec));
  const {
    Name = "",
    Driver = "",
    Labels = {},
    DriverOpts = {},
  } = createVolumeRequest(`${spec.name}`, spec, labels);
  return { Name, Driver, Labels, Options: DriverOpts, Mountpoint: "", Scope: "local" };
}
