// The verbs on images, as requests of Docker's Engine API.
import { FairleadError } from "../../../resources/model/errors.ts";
import { parseReference } from "../../../resources/model/reference.ts";
import type { ImageVerbs } from "../engine.ts";
import { registryAuth } from "../image-source/credentials.ts";
import type { Report } from "../report/report.ts";
import { buildImage } from "./build.ts";
import type { DockerClient } from "./client.ts";
import { imagePath, inspectImage } from "./image.ts";
import { deliver } from "./image-delivery.ts";
import { withImage } from "./image-export.ts";
import { reportLines } from "./progress-lines.ts";
import { filesState } from "./project-files.ts";

const PULL_IDLE_MS = 120_000;

/** The verbs on the images of one host. */
export function imageVerbs(client: DockerClient): ImageVerbs {
  return {
    inspect: (name, signal) => inspectImage(client, name, signal),
    pull: (name, platform, report, signal) => pull(client, name, platform, report, signal),
    registryDigest: (name, signal) => registryDigest(client, name, signal),
    deliver: (name, image, report, signal) => deliver(client, name, image, report, signal),
    build: (spec, local, report, signal) => buildImage(client, spec, local, report, signal),
    contextState: (context, signal) => filesState(client, { context }, signal),
    during: (name, platform, work, signal) => withImage(client, name, platform, work, signal),
    async remove(name, signal) {
      await client.json({ method: "DELETE", path: imagePath(name), signal });
    },
  };
}

async function pull(
  client: DockerClient,
  name: string,
  platform: string | undefined,
  report: Report,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { domain, path, tag, digest } = parseReference(name);
  const answer = await client.stream({
    ...{ method: "POST", path: "/images/create", signal, idleTimeoutMs: PULL_IDLE_MS },
    query: { fromImage: `${domain}/${path}`, tag: digest ?? tag, platform },
    headers: await registryAuth(name),
  });
  await reportLines(answer.body, report);
}

async function registryDigest(
  client: DockerClient,
  name: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const { digest } = parseReference(name);
  if (digest !== undefined) return digest;
  const answer = await client.json<{ Descriptor?: { digest?: string } }>({
    ...{ method: "GET", path: `/distribution/${name}/json`, signal },
    headers: await registryAuth(name),
  });
  const found = answer.Descriptor?.digest;
  if (found !== undefined) return found;
  throw new FairleadError("unavailable", `${client.host}: the registry gave no digest of ${name}`);
}
