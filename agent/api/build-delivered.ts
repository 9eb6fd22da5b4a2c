// POST /fairlead/build: a build of files that were delivered before, with its secrets in the body;
// and the routes by which contexts are delivered, as the files of projects are.
import type { HostConfig } from "@docker/node-sdk";
import { FairleadError } from "../../resources/model/errors.ts";
import { type BuildImageRequest, type BuildLine, buildImageRequest } from "../../resources/wire.ts";
import { build } from "../build/builder.ts";
import type { BuildParts } from "../build/parts.ts";
import { decode } from "./json.ts";
import { streamProgress } from "./progress.ts";
import { deliveryRoutes } from "./project-files.ts";
import { readRegistries } from "./registries.ts";
import type { Call, Route } from "./route.ts";

/** A step may be silent for long: a line says that the build goes on. */
const HEARTBEAT_MS = 10_000;
/** A context that was not delivered for so long is not kept for a build that may never come. */
const LONGEST_MS = 30 * 24 * 3600 * 1000;

export function deliveredBuildRoutes(parts: BuildParts): Route[] {
  return [
    ...deliveryRoutes("/fairlead/contexts", parts.contexts),
    { method: "POST", path: "/fairlead/build", handle: (call) => buildDelivered(call, parts) },
  ];
}

async function buildDelivered(call: Call, parts: BuildParts): Promise<void> {
  const asked = decode(buildImageRequest, await call.json());
  const authFor = readRegistries(call.request.headers["x-registry-config"]);
  const { signal } = call;
  const { context, contexts = {} } = asked;
  const delivered = [
    ...(context === undefined ? [] : [context]),
    ...Object.values(contexts).flatMap((one) => ("delivered" in one ? [one.delivered] : [])),
  ];
  await streamProgress(call, async (report) => {
    const tell = (line: BuildLine) => report(line);
    const beat = setInterval(() => tell({}), HEARTBEAT_MS);
    try {
      const id = await parts.contexts.holding(delivered, async () => {
        signal.throwIfAborted();
        for (const one of delivered) await requireDelivered(one, parts);
        const wanted = { ...settingsOf(asked, parts), authFor, step: "", tell, signal };
        return build(wanted, parts);
      });
      tell({ id });
    } finally {
      clearInterval(beat);
      await parts.contexts.prune(LONGEST_MS);
    }
  });
}

async function requireDelivered(name: string, { contexts }: BuildParts): Promise<void> {
  if ((await contexts.summary(name))?.clean) return;
  throw new FairleadError("conflict", `the context ${name} is not here as it was delivered`, {
    hint: "Run the same command again: it is delivered anew.",
  });
}

function settingsOf(asked: BuildImageRequest, { contexts }: BuildParts) {
  const { context, dockerfile, target, platform, tags = [] } = asked;
  return {
    context: context === undefined ? undefined : contexts.tree(context),
    ...{ dockerfile, target, platform, tags },
    args: new Map(Object.entries(asked.args ?? {})),
    labels: asked.labels ?? {},
    noCache: asked.noCache ?? false,
    pull: asked.pull ?? false,
    hostConfig: hostConfigOf(asked),
    contexts: new Map(
      Object.entries(asked.contexts ?? {}).map(([name, one]) => [
        name,
        "delivered" in one ? contexts.tree(one.delivered) : `docker-image://${one.image}`,
      ]),
    ),
    secrets: new Map(
      Object.entries(asked.secrets ?? {}).map(([id, text]) => [id, Buffer.from(text, "base64")]),
    ),
  };
}

function hostConfigOf({ network, shmSize, ulimits, extraHosts }: BuildImageRequest): HostConfig {
  return {
    ...(network === undefined ? {} : { NetworkMode: network }),
    ...(shmSize === undefined ? {} : { ShmSize: shmSize }),
    ...(ulimits === undefined ? {} : { Ulimits: ulimits }),
    ...(extraHosts === undefined ? {} : { ExtraHosts: extraHosts }),
  };
}
