// Connects a container to further networks and disconnects it, running or not.

import type { EndpointSettings } from "@docker/node-sdk";
import { FairleadError } from "../../../../resources/model/errors.ts";
import type { EndpointRequest, Sandbox } from "../../../network/model/contract.ts";
import type { NetworkRecord } from "../../network/network.ts";
import { isHostNetwork, NO_NETWORK } from "../../network/predefined.ts";
import { endpointOf } from "../create/endpoints.ts";
import { readBundle, replaceBundle } from "../state/bundle.ts";
import type { Container } from "../state/container.ts";
import type { ContainerParts } from "../state/parts.ts";
import { writeIdentity } from "./files.ts";
import { reachableLinked } from "./links.ts";
import { reservedPorts, resolverOf } from "./spec.ts";

/** Adds an endpoint to the record, and to the sandbox while the container runs. */
export function connectContainer(
  container: Container,
  network: NetworkRecord,
  settings: EndpointSettings,
  parts: ContainerParts,
): Promise<void> {
  return container.exclusive(async () => {
    const { record } = container;
    const { name } = network.spec;
    container.requireRecord();
    refuseShared(container);
    if (record.endpoints.some((endpoint) => isOf(endpoint, network))) {
      throw new FairleadError(
        "forbidden",
        `endpoint with name ${record.name} already exists in network ${name}`,
      );
    }
    const endpoint = endpointOf(name, settings);
    const sandbox = container.running
      ? await parts.network.connect(container.id, endpoint)
      : undefined;
    const kept = record.endpoints.filter((other) => other.network !== NO_NETWORK);
    record.endpoints = [...kept, endpoint];
    await container.save();
    if (sandbox) await applySandbox(container, sandbox, parts);
  });
}

/** Takes an endpoint away; `force` accepts that it is gone already. */
export function disconnectContainer(
  container: Container,
  network: NetworkRecord,
  force: boolean,
  parts: ContainerParts,
): Promise<void> {
  return container.exclusive(async () => {
    const { record } = container;
    container.requireRecord();
    const rest = record.endpoints.filter((endpoint) => !isOf(endpoint, network));
    if (rest.length === record.endpoints.length) {
      if (force) return;
      throw new FairleadError(
        "conflict",
        `container ${record.name} is not connected to network ${network.spec.name}`,
      );
    }
    const sandbox = container.running
      ? await parts.network.disconnect(container.id, network.spec.id)
      : undefined;
    record.endpoints = rest;
    await container.save();
    if (sandbox) await applySandbox(container, sandbox, parts);
  });
}

function isOf(endpoint: EndpointRequest, { spec }: NetworkRecord): boolean {
  return endpoint.network === spec.name || endpoint.network === spec.id;
}

function refuseShared(container: Container): void {
  const mode = container.record.hostConfig.NetworkMode ?? "";
  if (!isHostNetwork(mode) && !mode.startsWith("container:")) return;
  throw new FairleadError(
    "invalid",
    "container sharing network namespace with another container or host cannot be connected to " +
      "any other network",
  );
}

/** Lets a running container see its new place: hosts, resolv.conf and the resolver's tables. */
async function applySandbox(
  container: Container,
  sandbox: Sandbox,
  parts: ContainerParts,
): Promise<void> {
  await writeIdentity(container, sandbox, reachableLinked(container, parts));
  if (!container.shim) return;
  const { settings } = await readBundle(container.paths);
  const { resolver: _, reservePorts: __, ...rest } = settings;
  const resolver = resolverOf(container, sandbox);
  const reservePorts = reservedPorts(sandbox);
  const next = { ...rest, ...(resolver ? { resolver } : {}), reservePorts };
  await replaceBundle(container.paths, { settings: next });
  await container.shim.reload();
}
