// The routes of images: reads requests, calls objects/image, writes Docker's shapes.
import { pipeline } from "node:stream/promises";
import * as z from "zod";
import { FairleadError } from "../../resources/model/errors.ts";
import { applyChanges } from "../build/changes.ts";
import { readTruth } from "../objects/filter.ts";
import {
  historyOf,
  inspectImage,
  type ShownImage,
  summariseImage,
} from "../objects/image/image.ts";
import type { Images } from "../objects/image/images.ts";
import { AGENT_HEADERS } from "./call.ts";
import { readFilters, readFlag } from "./filters.ts";
import { decode } from "./json.ts";
import { streamProgress } from "./progress.ts";
import type { Call, Reply, Route } from "./route.ts";

export interface ImageObjects {
  images: Images;
  /** Name of the storage driver, for inspect. */
  storageDriver: string;
}

const LIST_FILTERS = ["before", "dangling", "label", "label!", "reference", "since", "until"];
const PRUNE_FILTERS = ["dangling", "label", "label!", "until"];

export function imageRoutes(objects: ImageObjects): Route[] {
  const { images } = objects;
  return [
    { method: "GET", path: "/images/json", handle: (call) => list(call, images) },
    { method: "GET", path: "/images/get", handle: (call) => save(call, images, namesOf(call)) },
    { method: "GET", path: "/images/search", handle: async () => refuseSearch() },
    { method: "POST", path: "/images/create", handle: (call) => create(call, images) },
    { method: "POST", path: "/images/load", handle: (call) => load(call, images) },
    { method: "POST", path: "/auth", handle: (call) => login(call, images) },
    { method: "POST", path: "/images/prune", handle: (call) => prune(call, images) },
    { method: "GET", path: "/images/*", handle: (call) => read(call, objects) },
    { method: "POST", path: "/images/*", handle: (call) => change(call, images) },
    { method: "DELETE", path: "/images/*", handle: (call) => remove(call, images) },
    { method: "GET", path: "/distribution/*", handle: (call) => distribution(call, images) },
  ];
}

const loginShape = z.object({
  username: z.string().max(1024).optional(),
  password: z.string().max(65_536).optional(),
  identitytoken: z.string().max(65_536).optional(),
  serveraddress: z.string().max(1024).optional(),
});

/** `docker login`: asks the registry; the client keeps the credentials, nothing is kept here. */
async function login(call: Call, images: Images): Promise<Reply> {
  const body = decode(loginShape, (await call.json()) ?? {});
  const { username, password, identitytoken, serveraddress = "" } = body;
  const credentials = {
    ...(username ? { username, password: password ?? "" } : {}),
    ...(identitytoken ? { identityToken: identitytoken } : {}),
  };
  await images.login(serveraddress, credentials, call.signal);
  return { body: { Status: "Login Succeeded", IdentityToken: "" } };
}

async function list(call: Call, images: Images): Promise<Reply> {
  const filters = readFilters(call.query, LIST_FILTERS);
  const usage = readFlag(call.query, "shared-size") ? await images.diskUsage() : undefined;
  const found = await images.list(filters);
  return {
    body: found.map((image) => {
      const sharedBytes = usage?.sharedBytes.get(image.record.id);
      const shared = sharedBytes === undefined ? {} : { sharedBytes };
      return summariseImage(image, { apiVersion: call.apiVersion, ...shared });
    }),
  };
}

/** The `Images` and `LayersSize` of `GET /system/df`. */
export async function imageDiskUsage(images: Images, apiVersion: number): Promise<object> {
  const { bytes, sharedBytes } = await images.diskUsage();
  const summary = (image: ShownImage) =>
    summariseImage(image, {
      apiVersion,
      sharedBytes: sharedBytes.get(image.record.id) ?? 0,
      containers: images.uses(image.record.id).length,
    });
  return { LayersSize: bytes, Images: (await images.list()).map(summary) };
}

/** `/images/NAME/json|history|get`: a name may have slashes, so the last word decides. */
async function read(
  call: Call,
  { images, storageDriver }: ImageObjects,
): Promise<Reply | undefined> {
  const { name, verb } = split(call);
  if (verb === "get") {
    await save(call, images, [name]);
    return undefined;
  }
  if (verb !== "json" && verb !== "history") throw unknown();
  const image = await images.require(name);
  if (verb === "json") return { body: inspectImage(image, storageDriver, call.apiVersion) };
  const { layers } = images.content;
  const records = await Promise.all(image.record.chain.map((chainId) => layers.find(chainId)));
  return { body: historyOf(image, records) };
}

async function change(call: Call, images: Images): Promise<Reply> {
  const { name, verb } = split(call);
  if (verb === "tag") {
    const repository = call.query.get("repo") ?? "";
    if (repository === "") throw new FairleadError("invalid", "repo: a name is required");
    await images.tag(name, withTag(repository, call.query.get("tag")));
    return { status: 201 };
  }
  if (verb === "push") {
    throw new FairleadError("unsupported", "fairlead does not push images to registries", {
      hint: "save the image (docker save) and push it with skopeo or another engine",
    });
  }
  throw unknown();
}

async function remove(call: Call, images: Images): Promise<Reply> {
  const name = call.params["*"] ?? "";
  return { body: await images.remove(name, { force: readFlag(call.query, "force") }) };
}

async function prune(call: Call, images: Images): Promise<Reply> {
  const filters = readFilters(call.query, PRUNE_FILTERS);
  const dangling = filters.get("dangling");
  if (dangling !== undefined) readTruth("dangling", dangling);
  const { deleted, bytes } = await images.prune(filters);
  return { body: { ImagesDeleted: deleted, SpaceReclaimed: bytes } };
}

async function create(call: Call, images: Images): Promise<void> {
  const { query, signal } = call;
  const image = query.get("fromImage") ?? "";
  const source = query.get("fromSrc") ?? "";
  if ((image === "") === (source === "")) {
    throw new FairleadError("invalid", "give either fromImage or fromSrc");
  }
  const platform = query.get("platform") ?? "";
  await streamProgress(call, async (progress) => {
    if (image !== "") {
      const tag = query.get("tag") ?? "";
      await images.pull({
        name: withTag(image, tag),
        allTags: tag === "" && !/[:@][^/]*$/.test(image),
        platform,
        auth: header(call, "x-registry-auth"),
        progress,
        signal,
      });
      return;
    }
    const repository = query.get("repo") ?? "";
    const id = await images.import({
      source: source === "-" ? call.request : source,
      config: applyChanges({}, query.getAll("changes")),
      message: query.get("message") ?? "",
      ...(repository === "" ? {} : { name: withTag(repository, query.get("tag")) }),
      platform,
      progress,
      signal,
    });
    progress({ status: id });
  });
}

async function load(call: Call, images: Images): Promise<void> {
  const quiet = readFlag(call.query, "quiet");
  const platform = call.query.get("platform");
  await streamProgress(call, (report) =>
    images.load(call.request, {
      progress: (line) => {
        if (!quiet || line.stream !== undefined) report(line);
      },
      signal: call.signal,
      ...(platform === null ? {} : { platform: readPlatformJson(platform) }),
    }),
  );
}

async function save(call: Call, images: Images, names: string[]): Promise<void> {
  if (names.length === 0) throw new FairleadError("invalid", "names: give at least one image");
  const archive = await images.save(names);
  const { response } = call;
  response.writeHead(200, { ...AGENT_HEADERS, "Content-Type": "application/x-tar" });
  await pipeline(archive, response, { signal: call.signal });
}

async function distribution(call: Call, images: Images): Promise<Reply> {
  const { name, verb } = split(call);
  if (verb !== "json") throw unknown();
  const { descriptor, platforms } = await images.inspectRemote(
    name,
    header(call, "x-registry-auth"),
    call.signal,
  );
  return { body: { Descriptor: descriptor, Platforms: platforms } };
}

function split(call: Call): { name: string; verb: string } {
  const path = call.params["*"] ?? "";
  const slash = path.lastIndexOf("/");
  if (slash <= 0) throw unknown();
  return { name: path.slice(0, slash), verb: path.slice(slash + 1) };
}

/** Docker's clients send the tag, or the digest, beside the name. */
export function withTag(name: string, tag: string | null): string {
  if (tag === null || tag === "") return name;
  return tag.includes(":") ? `${name}@${tag}` : `${name}:${tag}`;
}

/** API 1.48 sends an OCI platform as JSON; older clients its text. */
function readPlatformJson(text: string): string {
  if (!text.startsWith("{")) return text;
  try {
    const { os = "linux", architecture, variant } = JSON.parse(text);
    return [os, architecture, variant].filter((part) => typeof part === "string").join("/");
  } catch {
    throw new FairleadError("invalid", "platform: not JSON");
  }
}

function namesOf(call: Call): string[] {
  return call.query
    .getAll("names")
    .flatMap((names) => names.split(","))
    .filter(Boolean);
}

function header(call: Call, name: string): string | undefined {
  const value = call.request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function refuseSearch(): never {
  throw new FairleadError("unsupported", "fairlead cannot search registries", {
    hint: "search on the registry's own pages",
  });
}

function unknown(): FairleadError {
  return new FairleadError("not_found", "page not found");
}
