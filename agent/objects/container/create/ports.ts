// Published and exposed ports: from Docker's PortBindings to what the network driver opens, and
// back to what inspect and list tell. Pure.

import { isIP } from "node:net";
import type { ContainerConfig, HostConfig, PortBinding, PortSummary } from "@docker/node-sdk";
import { FairleadError } from "../../../../resources/model/errors.ts";
import type { PortMapping } from "../../../network/model/contract.ts";
import type { PortRecord } from "../state/record.ts";

const PORTS_LIMIT = 4096;

/** Every published port of a request; `invalid` names the one that is wrong. */
export function requestedPorts(config: ContainerConfig, host: HostConfig): PortRecord[] {
  const records: PortRecord[] = [];
  for (const key of Object.keys(config.ExposedPorts ?? {})) parsePort(key);
  for (const [key, bindings] of Object.entries(host.PortBindings ?? {})) {
    const { protocol, port } = parsePort(key);
    for (const binding of bindings?.length ? bindings : [{}]) {
      records.push(bind(key, protocol, port, binding));
    }
  }
  if (host.PublishAllPorts) {
    for (const key of Object.keys(config.ExposedPorts ?? {})) {
      const { protocol, port } = parsePort(key);
      const known = records.some((r) => r.containerPort === port && r.protocol === protocol);
      if (!known) records.push({ protocol, hostIp: "", hostPorts: [0, 0], containerPort: port });
    }
  }
  if (records.length > PORTS_LIMIT) {
    throw new FairleadError("invalid", `more than ${PORTS_LIMIT} published ports`);
  }
  return records;
}

/** `80/tcp` or `80`; sctp is refused because the driver has no such rule. */
export function parsePort(key: string): { protocol: "tcp" | "udp"; port: number } {
  const [, digits, protocol = "tcp"] = /^(\d{1,5})(?:\/([a-z]+))?$/.exec(key) ?? [];
  const port = Number(digits);
  if (digits === undefined || port < 1 || port > 65535) {
    throw new FairleadError("invalid", `invalid port specification: ${JSON.stringify(key)}`);
  }
  if (protocol !== "tcp" && protocol !== "udp") {
    throw new FairleadError("unsupported", `port ${key}: protocol ${protocol} is not supported`, {
      hint: "tcp and udp are",
    });
  }
  return { protocol, port };
}

/** NetworkSettings.Ports: every exposed port, with its bindings when it is published. */
export function portMap(
  config: ContainerConfig,
  ports: readonly PortMapping[],
  ipv6: boolean,
): Record<string, PortBinding[] | null> {
  const map: Record<string, PortBinding[] | null> = {};
  for (const key of Object.keys(config.ExposedPorts ?? {})) map[key] = null;
  for (const mapping of ports) {
    const key = `${mapping.containerPort}/${mapping.protocol}`;
    map[key] ??= [];
    for (const ip of hostAddresses(mapping, ipv6)) {
      map[key].push({ HostIp: ip, HostPort: String(mapping.hostPort) });
    }
  }
  return map;
}

/** The ports of a list entry, in docker ps's order. */
export function portSummary(
  config: ContainerConfig,
  ports: readonly PortMapping[],
  ipv6: boolean,
): PortSummary[] {
  const published = ports.flatMap((mapping) =>
    hostAddresses(mapping, ipv6).map((ip) => ({
      IP: ip,
      PrivatePort: mapping.containerPort,
      PublicPort: mapping.hostPort,
      Type: mapping.protocol,
    })),
  );
  const bare = Object.keys(config.ExposedPorts ?? {})
    .map(parsePort)
    .filter(
      ({ port, protocol }) =>
        !ports.some((p) => p.containerPort === port && p.protocol === protocol),
    )
    .map(({ port, protocol }) => ({ PrivatePort: port, Type: protocol }));
  return [...published, ...bare];
}

function hostAddresses(mapping: PortMapping, ipv6: boolean): string[] {
  if (mapping.hostIp !== "") return [mapping.hostIp];
  return ipv6 ? ["0.0.0.0", "::"] : ["0.0.0.0"];
}

function bind(
  key: string,
  protocol: "tcp" | "udp",
  containerPort: number,
  binding: PortBinding,
): PortRecord {
  const { HostIp = "", HostPort = "" } = binding;
  if (HostIp !== "" && isIP(HostIp) === 0) {
    throw new FairleadError("invalid", `port ${key}: invalid IP address: ${HostIp}`);
  }
  const [, first = "0", last = first] = /^(?:(\d{1,5})(?:-(\d{1,5}))?)?$/.exec(HostPort) ?? [];
  const hostPorts: [number, number] = [Number(first), Number(last)];
  const wrong = !/^(\d{1,5}(-\d{1,5})?)?$/.test(HostPort);
  if (wrong || hostPorts[1] > 65535 || hostPorts[0] > hostPorts[1]) {
    throw new FairleadError(
      "invalid",
      `port ${key}: invalid host port ${JSON.stringify(HostPort)}`,
    );
  }
  return { protocol, hostIp: HostIp, hostPorts, containerPort };
}
