// Whether a replacement may start before the old container has stopped. Pure.
import type { ContainerInspectResponse } from "@docker/node-sdk";
import type { Operation } from "../../../plan/operation.ts";
import type { ContainerSpec } from "../container.ts";
import { seenPorts } from "../docker/network-facets.ts";
import type { Port } from "../port.ts";

/** The order, with the clash that forbids to start first. */
export function replaceOrder(
  spec: ContainerSpec,
  old: ContainerInspectResponse,
): NonNullable<Operation["order"]> {
  return orderOf(spec, clash(spec, seenPorts(old), addressesOf(old)));
}

/** The same between two declarations, when the old container is not looked at. */
export function declaredOrder(
  spec: ContainerSpec,
  old: ContainerSpec,
): NonNullable<Operation["order"]> {
  const endpoints = Object.entries(old.networks ?? {}).map(([name, { ipv4, ipv6 }]) => {
    return [name, { ...(ipv4 ? { ipv4 } : {}), ...(ipv6 ? { ipv6 } : {}) }] as const;
  });
  return orderOf(spec, clash(spec, old.ports ?? [], Object.fromEntries(endpoints)));
}

type Addresses = Record<string, { ipv4?: string | undefined; ipv6?: string | undefined }>;

function orderOf(spec: ContainerSpec, cause: string | undefined) {
  if (spec.replaceOrder === "stop-first") return { first: "stop", cause: "declared" } as const;
  if (cause !== undefined) return { first: "stop", cause } as const;
  const declared = spec.replaceOrder === "start-first";
  return { first: "start", cause: declared ? "declared" : "nothing clashes" } as const;
}

function addressesOf(old: ContainerInspectResponse): Addresses {
  const endpoints = Object.entries(old.NetworkSettings?.Networks ?? {});
  return Object.fromEntries(
    endpoints.map(([name, { IPAMConfig: fixed }]) => {
      return [name, { ipv4: fixed?.IPv4Address, ipv6: fixed?.IPv6Address }];
    }),
  );
}

function clash(spec: ContainerSpec, held: Port[], addresses: Addresses): string | undefined {
  const port = spec.ports?.find(
    ({ published, protocol }) =>
      published !== undefined &&
      held.some((other) => other.published === published && other.protocol === protocol),
  );
  if (port) return `both publish port ${port.published}`;
  if (spec.networkMode === "host") return "both use the host's network";
  for (const [name, { ipv4, ipv6, macAddress }] of Object.entries(spec.networks ?? {})) {
    const fixed = addresses[name];
    if ((ipv4 !== undefined && fixed?.ipv4 === ipv4) || (ipv6 && fixed?.ipv6 === ipv6)) {
      return `both have the address ${ipv4 ?? ipv6}`;
    }
    if (macAddress !== undefined) return "both have a fixed MAC address";
  }
  if (spec.replaceOrder === "start-first") return undefined;
  const volume = spec.mounts?.find(
    (mount) => mount.type !== "tmpfs" && mount.source !== undefined && !mount.readOnly,
  );
  return volume && "source" in volume ? `both write to ${volume.source}` : undefined;
}
