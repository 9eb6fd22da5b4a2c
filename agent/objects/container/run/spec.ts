// Turns a container that is prepared (root mounted, network open, files written) into config.json
// and shim.json.

import { isIPv6 } from "node:net";
import { FairleadError } from "../../../../resources/model/errors.ts";
import { logSettings } from "../../../logs/settings.ts";
import type { Sandbox } from "../../../network/model/contract.ts";
import type { RuntimeEntry } from "../../../runtime/runtime-entry.ts";
import type { ReservedPort, ShimSettings } from "../../../runtime/shim-protocol.ts";
import { buildSpec, type NamespaceChoice } from "../../../runtime/spec.ts";
import type { ContainerMount } from "../../../runtime/spec-mounts.ts";
import { shimSettings } from "../../../runtime/spec-shim.ts";
import { machineOf } from "../create/machine.ts";
import { fitUser } from "../create/rootless.ts";
import { resolveUser } from "../create/user.ts";
import type { Container } from "../state/container.ts";
import { logConfig, logSource } from "../state/log.ts";
import type { ContainerParts } from "../state/parts.ts";
import { hostResolver } from "./files.ts";
import { type Linked, linkEnvironment } from "./links.ts";
import { upstreamsOf } from "./names.ts";

export interface Prepared {
  rootfs: string;
  sandbox: Sandbox;
  linked: Linked[];
  mounts: ContainerMount[];
  shmSource: string | undefined;
  sysctls: Record<string, string>;
}

const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The content of config.json. */
export function specOf(
  container: Container,
  prepared: Prepared,
  { kind }: RuntimeEntry,
  parts: ContainerParts,
): object {
  const { record } = container;
  const { config, hostConfig: host } = record;
  const wanted = resolveUser(prepared.rootfs, config.User ?? "", host.GroupAdd ?? []);
  const user = fitUser(wanted, parts.facts.rootless);
  const domain = host.UTSMode === "host" ? "" : (config.Domainname ?? "");
  const hostname = networkOwner(container, parts).record.config.Hostname ?? "";
  return buildSpec({
    host,
    rootfs: prepared.rootfs,
    process: {
      args: [record.path, ...record.args],
      env: environment(config.Env ?? [], {
        hostname,
        home: user.home,
        tty: config.Tty === true,
        links: linkEnvironment(prepared.linked),
      }),
      cwd: config.WorkingDir || "/",
      uid: user.uid,
      gid: user.gid,
      additionalGids: user.additionalGids,
      tty: config.Tty === true,
      init: host.Init ? parts.binary : undefined,
      consoleSize: host.ConsoleSize ?? undefined,
    },
    hostname,
    domainname: kind === "oci" ? "" : domain,
    mounts: prepared.mounts,
    shmSource: prepared.shmSource,
    namespaces: {
      network: networkNamespace(prepared.sandbox),
      ipc: joined("ipc", host.IpcMode ?? "", parts),
      pid: joined("pid", host.PidMode ?? "", parts),
    },
    // As dockerd does it: runc knows the field from 1.2 on only, and leaves it out before.
    sysctls: {
      ...prepared.sysctls,
      ...(kind === "oci" && domain !== "" ? { "kernel.domainname": domain } : {}),
    },
    cgroupsPath: `${host.CgroupParent || `/${parts.instance}`}/${container.id}`,
    machine: machineOf(parts.facts),
  });
}

/** The container whose network, and so whose hosts file and name, this one uses. */
export function networkOwner(container: Container, parts: ContainerParts): Container {
  const mode = container.record.hostConfig.NetworkMode ?? "";
  if (!mode.startsWith("container:")) return container;
  return networkOwner(parts.containers.require(mode.slice("container:".length)), parts);
}

/** The content of shim.json. */
export function settingsOf(
  container: Container,
  prepared: Prepared,
  runtime: RuntimeEntry,
): ShimSettings {
  const { record, paths, id } = container;
  const { name, kind, path, options, ownCgroup } = runtime;
  const { sandbox } = prepared;
  return shimSettings({
    id,
    config: record.config,
    host: record.hostConfig,
    log: logSettings(logConfig(record), paths.log, logSource(record)),
    resolver: resolverOf(container, sandbox),
    runtime:
      kind === "native"
        ? undefined
        : { kind, name, path, root: paths.runtimeRoot, options, ownCgroup },
    reservePorts: reservedPorts(sandbox),
  });
}

/**
 * The host's ports that the shim holds, and where it relays them to when no rule does: without
 * root, and for IPv6 on ::1 or to a container that has IPv4 alone.
 */
export function reservedPorts({ ports, relay }: Sandbox): ReservedPort[] {
  return ports.flatMap(({ protocol, hostIp, hostPort, containerPort }) =>
    (hostIp === "" ? ["0.0.0.0", "::"] : [hostIp]).map((ip) => {
      const reserved = { protocol, ip, port: hostPort };
      const target = isIPv6(ip) ? relay?.ipv6Address || relay?.ipAddress : relay?.ipAddress;
      if (!relay || !target || (relay.onlyIPv6 && !isIPv6(ip))) return reserved;
      return { ...reserved, relay: { netns: relay.netnsPath, ip: target, port: containerPort } };
    }),
  );
}

/** The resolver of a container on networks with names; undefined elsewhere. */
export function resolverOf(container: Container, sandbox: Sandbox): ShimSettings["resolver"] {
  if (sandbox.nameTables.length === 0) return undefined;
  const host = hostResolver();
  const own = container.record.hostConfig.DnsSearch ?? [];
  const wayOut = sandbox.endpoints.some(({ gateway, ipv6Gateway }) => gateway || ipv6Gateway);
  return {
    tables: sandbox.nameTables,
    ...upstreamsOf(container.record, host, wayOut),
    search: own.length > 0 ? own : host.search,
    links: privateNames(container, sandbox),
  };
}

/** `ALIAS NAME.NETWORK`: the names of the container's own for others of its networks. */
function privateNames({ record }: Container, { endpoints }: Sandbox): string[] {
  return record.endpoints.flatMap(({ network, links = [] }) => {
    const joined = endpoints.find(
      ({ networkName, networkId }) => networkName === network || networkId === network,
    );
    if (!joined) return [];
    return links.flatMap(({ name, alias }) =>
      [alias, `${alias}.${joined.networkName}`].map(
        (own) => `${own} ${name}.${joined.networkName}`,
      ),
    );
  });
}

/**
 * The process environment: Docker's base, what links give, then the container's, then HOME when
 * nobody set it.
 */
export function environment(
  entries: readonly string[],
  base: { hostname: string; home: string; tty: boolean; links: readonly string[] },
): string[] {
  const values = new Map<string, string>([
    ["PATH", DEFAULT_PATH],
    ["HOSTNAME", base.hostname],
    ...(base.tty ? ([["TERM", "xterm"]] as const) : []),
  ]);
  for (const entry of [...base.links, ...entries]) {
    const at = entry.indexOf("=");
    if (at > 0) values.set(entry.slice(0, at), entry.slice(at + 1));
    else if (at < 0) values.delete(entry);
  }
  if (!values.get("HOME")) values.set("HOME", base.home);
  return [...values].map(([key, value]) => `${key}=${value}`);
}

function networkNamespace(sandbox: Sandbox): NamespaceChoice {
  return sandbox.netnsPath === undefined ? "host" : { path: sandbox.netnsPath };
}

/** `host`, `container:REFERENCE`, or a namespace of its own. */
function joined(kind: "ipc" | "pid", mode: string, parts: ContainerParts): NamespaceChoice {
  if (mode === "host") return "host";
  if (!mode.startsWith("container:")) return "own";
  const other = parts.containers.require(mode.slice("container:".length));
  if (!other.running) {
    const name = kind.toUpperCase();
    const sentence = `container ${other.id} is not running`;
    throw new FairleadError("internal", `failed to join ${name} namespace: ${sentence}`);
  }
  const shared = other.record.hostConfig.IpcMode ?? "";
  if (kind === "ipc" && !["shareable", "host"].includes(shared)) {
    throw new FairleadError(
      "conflict",
      `cannot join the IPC of container ${other.id}: non-shareable IPC (hint: use ` +
        "IpcMode:shareable for the donor container)",
    );
  }
  return { path: `/proc/${other.state?.pid}/ns/${kind}` };
}
