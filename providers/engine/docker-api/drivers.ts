// The drivers of Docker and Podman, from what GET /info tells of them.
import type { SystemInfo } from "@docker/node-sdk";
import type { EngineDrivers } from "../../../resources/plan/observed.ts";
import type { DriverFacts } from "../../../resources/wire.ts";

// moby's ValidateLogOpt of each driver (daemon/logger), and what it takes for all of them. Of the
// drivers that are not here nothing is known, and so nothing is refused.
const ALL = [
  ...["mode", "max-buffer-size"],
  ...["cache-disabled", "cache-max-size", "cache-max-file", "cache-compress"],
];
const LABELLED = ["labels", "labels-regex", "env", "env-regex", "tag"];
const LOG_OPTIONS: Readonly<Record<string, string[]>> = {
  "json-file": ["max-file", "max-size", "compress", ...LABELLED, ...ALL],
  local: ["max-file", "max-size", "compress", ...ALL],
  fluentd: [
    ...["fluentd-address", "fluentd-async", "fluentd-async-connect"],
    ...["fluentd-async-reconnect-interval", "fluentd-buffer-limit", "fluentd-max-retries"],
    ...["fluentd-request-ack", "fluentd-retry-wait", "fluentd-sub-second-precision"],
    ...["fluentd-write-timeout", ...LABELLED, ...ALL],
  ],
  gelf: [
    ...["gelf-address", "gelf-compression-type", "gelf-compression-level"],
    ...["gelf-tcp-max-reconnect", "gelf-tcp-reconnect-delay", ...LABELLED, ...ALL],
  ],
  journald: [...LABELLED, ...ALL],
  syslog: [
    ...["syslog-address", "syslog-facility", "syslog-format", "syslog-tls-ca-cert"],
    ...["syslog-tls-cert", "syslog-tls-key", "syslog-tls-skip-verify"],
    ...[...LABELLED, ...ALL],
  ],
};

// volume/local of moby.
const VOLUME_OPTIONS: typeof LOG_OPTIONS = { local: ["type", "o", "device", "size"] };

/** One of `GET /plugins`, as far as it is read here. */
export interface ManagedPlugin {
  Name?: string;
  Enabled?: boolean;
  Config?: { Interface?: { Types?: unknown[] } };
}

/** What the engine has of drivers; nothing of those that it does not list. */
export function driversIn(
  { Plugins, Swarm }: SystemInfo,
  managed: readonly ManagedPlugin[],
  addressDrivers: readonly string[] | undefined,
): EngineDrivers {
  const { Network, Volume, Log } = Plugins ?? {};
  const inSwarm = Swarm?.LocalNodeState === "active";
  return {
    networks: factsOf(Network, {}, (name) => {
      // Without a swarm an overlay cannot be made, and yet it is listed.
      if (name === "overlay" && !inSwarm) return [];
      return [name === "null" ? "none" : name];
    }),
    volumes: factsOf(Volume, VOLUME_OPTIONS),
    addresses:
      addressDrivers &&
      factsOf(
        [...addressDrivers, ...addressPlugins(managed), ...(Network ?? []).filter(isPlugin)],
        {},
      ),
    // Podman writes its own form of it, and takes Docker's name for it.
    logs: factsOf(Log, LOG_OPTIONS, (name) => (name === "k8s-file" ? ["json-file", name] : [name])),
  };
}

const BUILT_IN = new Set(["bridge", "host", "ipvlan", "l2bridge", "macvlan", "null", "overlay"]);

/** A plugin of the old kind does both, and is listed for its networks alone. */
function isPlugin(network: string): boolean {
  return !BUILT_IN.has(network);
}

// GET /info has no list of them.
function addressPlugins(managed: readonly ManagedPlugin[]): string[] {
  return managed.flatMap(({ Name, Enabled, Config }) => {
    const types = JSON.stringify(Config?.Interface?.Types ?? []);
    return Enabled && Name && /ipamdriver/i.test(types) ? [Name] : [];
  });
}

function factsOf(
  names: readonly string[] | null | undefined,
  options: Readonly<Record<string, string[]>>,
  known = (name: string): string[] => [name],
): DriverFacts[] | undefined {
  if (!names || names.length === 0) return undefined;
  return names.flatMap(known).map((name) => ({ name, options: options[name] ?? ["*"] }));
}
