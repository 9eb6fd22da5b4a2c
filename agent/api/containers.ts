// The routes of containers that answer with JSON; streams are in container-streams.ts.
import { createContainer } from "../objects/container/create/create.ts";
import { changesOf } from "../objects/container/read/changes.ts";
import { inspectContainer } from "../objects/container/read/inspect.ts";
import { LIST_FILTERS, listContainers } from "../objects/container/read/list.ts";
import { topContainer } from "../objects/container/read/top.ts";
import { removeLink } from "../objects/container/run/links.ts";
import { pruneContainers } from "../objects/container/run/prune.ts";
import { removeContainer } from "../objects/container/run/remove.ts";
import { startContainer } from "../objects/container/run/start.ts";
import { killContainer, pauseContainer, unpauseContainer } from "../objects/container/run/stop.ts";
import { renameContainer, updateContainer } from "../objects/container/run/update.ts";
import type { ContainerParts } from "../objects/container/state/parts.ts";
import { readCreateBody, readUpdateBody } from "./container-body.ts";
import { forVersion } from "./create-version.ts";
import { readFilters, readFlag } from "./filters.ts";
import type { Call, Reply, Route } from "./route.ts";

const PRUNE_FILTERS = ["until", "label", "label!"];

export function containerRoutes(parts: ContainerParts): Route[] {
  const named = (call: Call) => parts.containers.require(referenceIn(call));
  const post = (path: string, handle: Route["handle"]): Route => ({ method: "POST", path, handle });
  const get = (path: string, handle: Route["handle"]): Route => ({ method: "GET", path, handle });
  return [
    get("/containers/json", (call) => list(call, parts)),
    ...["/containers/:id/json", "/containers/:id/:alias/json"].map((path) =>
      get(path, async (call) => {
        const size = readFlag(call.query, "size");
        const options = { size, apiVersion: call.apiVersion };
        return { body: await inspectContainer(named(call), options, parts) };
      }),
    ),
    get("/containers/:id/top", async (call) => {
      return { body: topContainer(named(call), call.query.get("ps_args") ?? "", parts) };
    }),
    get("/containers/:id/changes", async (call) => ({ body: await changesOf(named(call), parts) })),
    post("/containers/create", (call) => create(call, parts)),
    post("/containers/prune", async (call) => ({
      body: await pruneContainers(readFilters(call.query, PRUNE_FILTERS), parts),
    })),
    post("/containers/:id/start", async (call) => {
      await startContainer(named(call), parts);
      return { status: 204 };
    }),
    post("/containers/:id/kill", async (call) => {
      await killContainer(named(call), call.query.get("signal") ?? "", parts);
      return { status: 204 };
    }),
    post("/containers/:id/pause", async (call) => {
      await pauseContainer(named(call));
      return { status: 204 };
    }),
    post("/containers/:id/unpause", async (call) => {
      await unpauseContainer(named(call));
      return { status: 204 };
    }),
    post("/containers/:id/update", async (call) => {
      const body = readUpdateBody(await call.json());
      if (call.apiVersion < 1.4) delete body.PidsLimit;
      await updateContainer(named(call), body as object, parts);
      return { body: { Warnings: null } };
    }),
    post("/containers/:id/rename", async (call) => {
      await renameContainer(named(call), call.query.get("name") ?? "", parts);
      return { status: 204 };
    }),
    { method: "DELETE", path: "/containers/:id", handle: (call) => remove(call, parts) },
    { method: "DELETE", path: "/containers/:id/:alias", handle: (call) => remove(call, parts) },
  ];
}

/** A container's id or name, or CONTAINER/ALIAS by a link. */
function referenceIn({ params: { id = "", alias } }: Call): string {
  return alias === undefined ? id : `${id}/${alias}`;
}

async function create(call: Call, parts: ContainerParts): Promise<Reply> {
  const request = {
    ...forVersion(readCreateBody(await call.json()), call.apiVersion),
    name: call.query.get("name") || undefined,
    platform: (call.apiVersion >= 1.41 && call.query.get("platform")) || undefined,
  };
  const { container, warnings } = await createContainer(request, parts);
  return { status: 201, body: { Id: container.id, Warnings: warnings } };
}

async function list(call: Call, parts: ContainerParts): Promise<Reply> {
  const { query, apiVersion } = call;
  const limit = Number(query.get("limit") ?? 0);
  const options = {
    all: readFlag(query, "all"),
    limit: Number.isInteger(limit) && limit > 0 ? limit : 0,
    size: readFlag(query, "size"),
    filters: readFilters(query, LIST_FILTERS),
    apiVersion,
  };
  return { body: await listContainers(options, parts) };
}

async function remove(call: Call, parts: ContainerParts): Promise<Reply> {
  if (readFlag(call.query, "link")) {
    await removeLink(referenceIn(call), parts);
    return { status: 204 };
  }
  const options = { force: readFlag(call.query, "force"), volumes: readFlag(call.query, "v") };
  await removeContainer(parts.containers.require(referenceIn(call)), options, parts);
  return { status: 204 };
}
