// Whether a replacement may start before the old container has stopped. Pure.
import type { ContainerInspectResponse } from "@docker/node-sdk";
import type { ContainerSpec } from "./container.ts";
import { seenPorts } from "./docker/network-facets.ts";
import type { Operation } from "./operation.ts";

/** The order, with the clash that forbids to start first. */
export function replaceOrder(
  spec: ContainerSpec,
  old: ContainerInspectResponse,
): NonNullable<Operation["order"]> {
  const cause = clash(spec, old);
  if (spec.replaceOrder === "stop-first") return { first: "stop", cause: "declared" };
  if (cause !== undefined) return { first: "stop", cause };
  const declared = spec.replaceOrder === "start-first";
  return { first: "start", cause: declared ? "declared" : "nothing clashes" };
}

function clash(spec: ContainerSpec, old: ContainerInspectResponse): string | undefined {
  const held = seenPorts(old);
  const port = spec.ports?.find(
    ({ published, protocol }) =>
      published !== undefined &&
      held.some((other) => other.published === published && other.protocol === protocol),
  );
  if (port) return `both publish port ${port.published}`;
  if (spec.networkMode === "host") return "both use the host's network";
  const endpoints = old.NetworkSettings?.Networks ?? {};
  for (const [name, { ipv4, ipv6, macAddress }] of Object.entries(spec.networks ?? {})) {
    const fixed = endpoints[name]?.IPAMConfig;
    if (
      (ipv4 !== undefined && fixed?.IPv4Address === ipv4) ||
      (ipv6 && fixed?.IPv6Address === ipv6)
    ) {
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
