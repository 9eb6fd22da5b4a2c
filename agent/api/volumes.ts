// The routes of volumes: reads requests, calls objects/volume, writes Docker's shapes.
import { FairleadError } from "../../resources/model/errors.ts";
import { readTruth } from "../objects/filter.ts";
import { volumeWithUsage } from "../objects/volume/volume.ts";
import type { Volumes } from "../objects/volume/volumes.ts";
import { readFilters, readFlag } from "./filters.ts";
import { decode } from "./json.ts";
import type { Call, Reply, Route } from "./route.ts";
import { volumeBody } from "./shapes/volume.ts";

const LIST_FILTERS = ["dangling", "driver", "label", "name"];
const PRUNE_FILTERS = ["all", "label", "label!"];

export function volumeRoutes(volumes: Volumes): Route[] {
  return [
    { method: "GET", path: "/volumes", handle: (call) => list(call, volumes) },
    { method: "POST", path: "/volumes/create", handle: (call) => create(call, volumes) },
    { method: "POST", path: "/volumes/prune", handle: (call) => prune(call, volumes) },
    { method: "GET", path: "/volumes/:name", handle: (call) => inspect(call, volumes) },
    { method: "DELETE", path: "/volumes/:name", handle: (call) => remove(call, volumes) },
  ];
}

/** The `Volumes` of `GET /system/df`. */
export async function volumeDiskUsage(volumes: Volumes): Promise<object> {
  const found = volumes.list().map(async (volume) => {
    return volumeWithUsage(volume, await volumes.usage(volume.Name));
  });
  return { Volumes: await Promise.all(found) };
}

async function list(call: Call, volumes: Volumes): Promise<Reply> {
  const filters = readFilters(call.query, LIST_FILTERS);
  return { body: { Volumes: volumes.list(filters), Warnings: [] } };
}

async function create(call: Call, volumes: Volumes): Promise<Reply> {
  const body = decode(volumeBody, (await call.json()) ?? {});
  const { Name, Driver, DriverOpts, Labels, ClusterVolumeSpec } = body;
  if (ClusterVolumeSpec) {
    throw new FairleadError("unsupported", "ClusterVolumeSpec: fairlead has no cluster volumes");
  }
  const { name } = await volumes.ensure({
    name: Name ?? "",
    driver: Driver ?? "",
    options: DriverOpts ?? {},
    labels: Labels ?? {},
  });
  return { status: 201, body: volumes.inspect(name) };
}

async function inspect(call: Call, volumes: Volumes): Promise<Reply> {
  return { body: volumes.inspect(call.params.name ?? "") };
}

async function remove(call: Call, volumes: Volumes): Promise<Reply> {
  const name = call.params.name ?? "";
  if (readFlag(call.query, "force") && volumes.find(name) === undefined) return { status: 204 };
  await volumes.remove(name);
  return { status: 204 };
}

async function prune(call: Call, volumes: Volumes): Promise<Reply> {
  const filters = new Map(readFilters(call.query, PRUNE_FILTERS));
  const all = filters.get("all");
  if (all !== undefined) readTruth("all", all);
  // Until API 1.42 a prune took every unused volume.
  if (call.apiVersion < 1.42) filters.set("all", ["true"]);
  const { names, bytes } = await volumes.prune(filters);
  return { body: { VolumesDeleted: names, SpaceReclaimed: bytes } };
}
