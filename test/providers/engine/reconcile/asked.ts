// What a declaration may ask of drivers: the plan refuses it, at the field, or `up` honours it.
import type { ContainerInput } from "../../../../resources/kinds/container/container.ts";
import type { NetworkInput } from "../../../../resources/kinds/network/network.ts";
import type { VolumeInput } from "../../../../resources/kinds/volume/volume.ts";

export interface Asked {
  kind: "container" | "network" | "volume";
  spec: Partial<ContainerInput> | NetworkInput | VolumeInput;
  /** Where a refusal points. */
  path: string;
  /** A part of what `docker inspect` shows where it is honoured. */
  shown: object;
}

function logging(logging: NonNullable<ContainerInput["logging"]>, path = "options"): Asked {
  const { driver = "json-file", options = {} } = logging;
  const shown = { HostConfig: { LogConfig: { Type: driver, Config: options } } };
  return { kind: "container", spec: { logging }, path: `logging.${path}`, shown };
}

const size = { "max-size": "1m" };
const network = (spec: NetworkInput, path = "driver"): Asked => {
  return { kind: "network", spec, path, shown: { Driver: spec.driver ?? "bridge" } };
};

export const asked: Record<string, Asked> = {
  "the log driver local": logging({ driver: "local" }, "driver"),
  "the log driver none": logging({ driver: "none" }, "driver"),
  "a log driver that nobody has": logging({ driver: "no-such" }, "driver"),
  "the log driver syslog": logging({
    ...{ driver: "syslog", options: { "syslog-address": "udp://127.0.0.1:5514" } },
  }),
  "the log driver gelf": logging({
    ...{ driver: "gelf", options: { "gelf-address": "udp://127.0.0.1:12201", tag: "{{.Name}}" } },
  }),
  "the cache of a log driver": logging({
    driver: "syslog",
    options: { "syslog-address": "udp://127.0.0.1:5514", "cache-max-size": "1m" },
  }),
  "max-size and max-file": logging({ options: { ...size, "max-file": "3" } }),
  "max-file without max-size": logging({ options: { "max-file": "3" } }),
  "compressed logs": logging({ options: { ...size, "max-file": "2", compress: "true" } }),
  "a log tag": logging({ options: { tag: "{{.Name}}" } }),
  "labels in the log": logging({ options: { labels: "a,b" } }),
  "variables in the log": logging({ options: { env: "A" } }),
  "a log that never blocks": logging({ options: { mode: "non-blocking" } }),
  "a log buffer": logging({ options: { mode: "non-blocking", "max-buffer-size": "1m" } }),
  "a log option that nobody has": logging({ options: { nonsense: "x" } }),
  "a host name with an underscore": {
    ...{ kind: "container", spec: { hostname: "my_host" }, path: "hostname" },
    shown: { Config: { Hostname: "my_host" } },
  },
  "a network driver that nobody has": network({ driver: "no-such" }),
  "the network driver overlay": network({ driver: "overlay" }),
  "an address driver that nobody has": network({ ipamDriver: "no-such" }, "ipamDriver"),
  "the usual address driver": network({ ipamDriver: "default" }),
  "an option of a bridge": network(
    { driverOpts: { "com.docker.network.bridge.enable_icc": "false" } },
    "driverOpts",
  ),
  "a volume driver that nobody has": {
    ...{ kind: "volume", spec: { driver: "no-such" }, path: "driver", shown: {} },
  },
  "a volume in memory": {
    kind: "volume",
    spec: { driverOpts: { type: "tmpfs", device: "tmpfs", o: "size=1m" } },
    ...{ path: "driverOpts", shown: { Options: { type: "tmpfs" } } },
  },
  "a volume option that nobody has": {
    ...{ kind: "volume", spec: { driverOpts: { nonsense: "x" } }, path: "driverOpts", shown: {} },
  },
};
