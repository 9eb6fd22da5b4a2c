// The routes of networks: reads requests, calls objects/network, writes Docker's shapes.
import type { EndpointSettings, NetworkCreateRequest } from "@docker/node-sdk";
import { inspectNetwork, type NetworkRecord } from "../objects/network/network.ts";
import type { Networks } from "../objects/network/networks.ts";
import { PREDEFINED_NAMES } from "../objects/network/predefined.ts";
import { type Filters, matchesLabels, readFilters, readTime } from "./filters.ts";
import { decode } from "./json.ts";
import type { Route } from "./route.ts";
import { connectBody, disconnectBody, networkBody } from "./shapes/network.ts";

/** Containers, as far as networks need them: their records hold the endpoints. */
export interface NetworkMembers {
  /** Adds an endpoint to a container's record, and to its sandbox while it runs. */
  connect(container: string, network: NetworkRecord, settings: EndpointSettings): Promise<void>;
  /** Takes it away; with `force` also when the container is gone. */
  disconnect(container: string, network: NetworkRecord, force: boolean): Promise<void>;
}

export interface NetworkObjects {
  networks: Networks;
  members: NetworkMembers;
}

const LIST_FILTERS = ["name", "id", "label", "driver", "type", "scope", "dangling"];
const PRUNE_FILTERS = ["until", "label", "label!"];

/** Every route under /networks. */
export function networkRoutes({ networks, members }: NetworkObjects): Route[] {
  return [
    {
      method: "GET",
      path: "/networks",
      handle: async ({ query }) => {
        const filters = readFilters(query, LIST_FILTERS);
        const found = networks.all().filter((record) => matches(record, filters, networks));
        return { body: found.map((record) => inspectNetwork(record, [])) };
      },
    },
    {
      method: "GET",
      path: "/networks/:id",
      handle: async ({ params }) => {
        const record = networks.require(params.id ?? "");
        return { body: inspectNetwork(record, networks.attached(record)) };
      },
    },
    {
      method: "POST",
      path: "/networks/create",
      handle: async (call) => {
        const request = decode(networkBody, await call.json());
        const record = await networks.create(request as NetworkCreateRequest);
        return { status: 201, body: { Id: record.spec.id, Warning: "" } };
      },
    },
    {
      method: "DELETE",
      path: "/networks/:id",
      handle: async ({ params }) => {
        await networks.remove(params.id ?? "");
        return { status: 204 };
      },
    },
    {
      method: "POST",
      path: "/networks/:id/connect",
      handle: async (call) => {
        const { Container, EndpointConfig } = decode(connectBody, await call.json());
        const network = networks.require(call.params.id ?? "");
        await members.connect(Container, network, (EndpointConfig ?? {}) as EndpointSettings);
        return { status: 200 };
      },
    },
    {
      method: "POST",
      path: "/networks/:id/disconnect",
      handle: async (call) => {
        const { Container, Force } = decode(disconnectBody, await call.json());
        const network = networks.require(call.params.id ?? "");
        await members.disconnect(Container, network, Force ?? false);
        return { status: 200 };
      },
    },
    {
      method: "POST",
      path: "/networks/prune",
      handle: async ({ query }) => {
        const filters = readFilters(query, PRUNE_FILTERS);
        const removed = await networks.prune((record) => prunable(record, filters));
        return { body: { NetworksDeleted: removed } };
      },
    },
  ];
}

/** Docker's meaning of each filter: values of one are alternatives, labels must all be there. */
function matches(record: NetworkRecord, filters: Filters, networks: Networks): boolean {
  const { spec, labels } = record;
  const predefined = PREDEFINED_NAMES.includes(spec.name);
  const any = (key: string, test: (value: string) => boolean) =>
    filters.get(key)?.some(test) ?? true;
  return (
    any("name", (value) => spec.name.includes(value)) &&
    any("id", (value) => spec.id.startsWith(value)) &&
    matchesLabels(filters.get("label") ?? [], labels) &&
    any("driver", (value) => record.spec.driver === value) &&
    any("type", (value) => value === (predefined ? "builtin" : "custom")) &&
    any("scope", (value) => value === "local") &&
    any("dangling", (value) => {
      const dangling = !predefined && networks.attached(record).length === 0;
      return dangling === (value === "true" || value === "1");
    })
  );
}

function prunable(record: NetworkRecord, filters: Filters): boolean {
  const created = BigInt(Date.parse(record.created)) * 1_000_000n;
  const until = filters.get("until") ?? [];
  return (
    until.every((text) => created <= (readTime("until", text) ?? 0n)) &&
    matchesLabels(filters.get("label") ?? [], record.labels) &&
    (filters.get("label!") ?? []).every((label) => !matchesLabels([label], record.labels))
  );
}
