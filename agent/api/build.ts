// POST /build: Docker's classic way to build, with the context as a tar stream in the body.
import type { HostConfig } from "@docker/node-sdk";
import * as z from "zod";
import { FairleadError } from "../../resources/model/errors.ts";
import type { BuildEvent } from "../../resources/wire.ts";
import { build } from "../build/builder.ts";
import { dockerfileIn, inContext } from "../build/context.ts";
import type { BuildParts } from "../build/parts.ts";
import { readFlag } from "./filters.ts";
import { decode } from "./json.ts";
import { streamProgress } from "./progress.ts";
import { readRegistries } from "./registries.ts";
import type { Call, Reply, Route } from "./route.ts";

/** Parameters that ask for what no build here does. */
const REFUSED = ["remote", "squash", "outputs", "isolation"];

export function buildRoutes(parts: BuildParts): Route[] {
  return [
    { method: "POST", path: "/build", handle: (call) => buildImage(call, parts) },
    { method: "POST", path: "/build/prune", handle: (call) => prune(call, parts) },
  ];
}

async function buildImage(call: Call, parts: BuildParts): Promise<void> {
  const { query, request } = call;
  refuseUnsupported(query);
  const settings = readSettings(query);
  const authFor = readRegistries(request.headers["x-registry-config"]);
  const { signal } = call;
  await inContext(request, parts, signal, async (context) => {
    const dockerfile = dockerfileIn(context, query.get("dockerfile") || "Dockerfile");
    await streamProgress(call, async (report) => {
      const write = (stream: string) => report({ stream });
      const tell = (event: BuildEvent) => {
        const text = textOf(event);
        if (text !== "") write(text);
      };
      const wanted = { ...settings, context, dockerfile, authFor, step: "", tell, signal };
      const id = await build(wanted, parts);
      report({ aux: { ID: id } });
      write(`Successfully built ${id.slice("sha256:".length).slice(0, 12)}\n`);
      for (const tag of settings.tags) write(`Successfully tagged ${tag}\n`);
    });
  });
}

/** As the classic builder tells it; how far a pull is would be too many lines. */
function textOf({ step, state, text, layer }: BuildEvent): string {
  if (state === "started") return `${step}\n`;
  if (state === "cached") return " ---> Using cache\n";
  return layer === undefined ? (text ?? "") : "";
}

function refuseUnsupported(query: URLSearchParams): void {
  for (const name of REFUSED) {
    if ((query.get(name) ?? "") === "" || query.get(name) === "0") continue;
    throw new FairleadError("unsupported", `this engine does not build with ${name}`);
  }
  if (query.get("version") === "2") {
    throw new FairleadError("unsupported", "this engine does not speak BuildKit's protocol", {
      hint: "set DOCKER_BUILDKIT=0, or use fairlead build",
    });
  }
}

const texts = z.record(z.string(), z.string().nullable());

function readSettings(query: URLSearchParams) {
  const given = (name: string) => json(query, name, texts) ?? {};
  const set = ([, value]: [string, string | null]) => value !== null;
  return {
    args: new Map(Object.entries(given("buildargs")).filter(set) as [string, string][]),
    labels: Object.fromEntries(Object.entries(given("labels")).filter(set)) as Record<
      string,
      string
    >,
    target: query.get("target") || undefined,
    platform: query.get("platform") || undefined,
    tags: query.getAll("t").filter((name) => name !== ""),
    noCache: readFlag(query, "nocache"),
    pull: readFlag(query, "pull"),
    hostConfig: readHostConfig(query),
    contexts: new Map<string, string>(),
    secrets: new Map<string, Buffer>(),
  };
}

/** The limits of the containers of RUN, by the names that Docker's parameters have. */
function readHostConfig(query: URLSearchParams): HostConfig {
  const number = (name: string, key: keyof HostConfig) => {
    const text = query.get(name) ?? "";
    if (text === "" || text === "0") return {};
    if (!/^-?\d{1,15}$/.test(text)) throw new FairleadError("invalid", `${name}: not a number`);
    return { [key]: Number(text) };
  };
  const text = (name: string, key: keyof HostConfig) => {
    const value = query.get(name) ?? "";
    return value === "" ? {} : { [key]: value };
  };
  const extraHosts = query.getAll("extrahosts").flatMap((one) => one.split(","));
  const limit = z.object({ Name: z.string(), Soft: z.number(), Hard: z.number() });
  const ulimits = json(query, "ulimits", z.array(limit));
  return {
    ...text("networkmode", "NetworkMode"),
    ...text("cgroupparent", "CgroupParent"),
    ...text("cpusetcpus", "CpusetCpus"),
    ...text("cpusetmems", "CpusetMems"),
    ...number("memory", "Memory"),
    ...number("memswap", "MemorySwap"),
    ...number("cpushares", "CpuShares"),
    ...number("cpuquota", "CpuQuota"),
    ...number("cpuperiod", "CpuPeriod"),
    ...number("shmsize", "ShmSize"),
    ...(ulimits === undefined ? {} : { Ulimits: ulimits }),
    ...(extraHosts.length > 0 ? { ExtraHosts: extraHosts } : {}),
  };
}

function json<T extends z.ZodType>(
  query: URLSearchParams,
  name: string,
  schema: T,
): z.output<T> | undefined {
  const text = query.get(name) ?? "";
  if (text === "" || text === "null") return undefined;
  try {
    return decode(schema, JSON.parse(text));
  } catch (error) {
    throw new FairleadError("invalid", `${name}: ${(error as Error).message}`);
  }
}

async function prune(call: Call, { cache, contexts, images }: BuildParts): Promise<Reply> {
  const before = (await images.diskUsage()).bytes;
  const all = readFlag(call.query, "all");
  await cache.prune(all);
  if (all) await contexts.prune(0);
  await images.release();
  const left = (await images.diskUsage()).bytes;
  return { body: { CachesDeleted: [], SpaceReclaimed: Math.max(0, before - left) } };
}
