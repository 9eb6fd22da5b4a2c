// The verbs on networks, as requests of Docker's Engine API.
import type { EndpointSettings, NetworkCreateRequest, NetworkInspect } from "@docker/node-sdk";
import { createNetworkRequest } from "../../../resources/kinds/network/docker.ts";
import type { NetworkVerbs } from "../engine.ts";
import type { DockerClient } from "./client.ts";
import { listQuery } from "./list-query.ts";
import { networkPath } from "./path.ts";

/** The verbs on the networks of one host. */
export function networkVerbs(client: DockerClient): NetworkVerbs {
  return {
    async list({ labels, signal } = {}) {
      const query = listQuery(labels);
      const path = "/networks";
      return (await client.json<NetworkInspect[]>({ method: "GET", path, query, signal })) ?? [];
    },
    inspect: (id, signal) => client.json({ method: "GET", path: networkPath(id), signal }),
    create: ({ name, spec, labels, signal }) =>
      create(client, createNetworkRequest(name, spec, labels), signal),
    createAgain(seen, keepsSubnets) {
      const request = sameAgain(seen);
      if (keepsSubnets) return create(client, request);
      const { Config: _subnets, ...IPAM } = request.IPAM ?? {};
      return create(client, { ...request, IPAM });
    },
    async remove(id, signal) {
      await client.json({ method: "DELETE", path: networkPath(id), signal });
    },
    connect: (id, container, settings, signal) => connect(client, id, container, settings, signal),
    async disconnect(id, container, signal) {
      const body = { Container: container, Force: true };
      await client.json({ method: "POST", path: networkPath(id, "/disconnect"), body, signal });
    },
  };
}

/** Joins a container to a network. */
export async function connect(
  client: DockerClient,
  id: string,
  container: string,
  settings: EndpointSettings,
  signal?: AbortSignal,
): Promise<void> {
  const body = { Container: container, EndpointConfig: settings };
  await client.json({ method: "POST", path: networkPath(id, "/connect"), body, signal });
}

async function create(
  client: DockerClient,
  request: NetworkCreateRequest,
  signal?: AbortSignal,
): Promise<void> {
  // Engines before API 1.44 let two networks have one name unless told not to.
  const body = { ...request, CheckDuplicate: true };
  await client.json({ method: "POST", path: "/networks/create", body, signal });
}

function sameAgain(seen: NetworkInspect): NetworkCreateRequest {
  const { Name = "", Driver, Options, Internal, Attachable, EnableIPv6, IPAM, Labels } = seen;
  const given = { Driver, Options, Internal, Attachable, EnableIPv6, IPAM, Labels };
  const known = Object.entries(given).filter(([, value]) => value !== undefined);
  return { Name, ...Object.fromEntries(known) };
}
