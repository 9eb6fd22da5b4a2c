// Has a host fetch an image from its registry, and asks a registry through a host what it has now.
import { FairleadError } from "../../../resources/model/errors.ts";
import { parseReference } from "../../../resources/model/reference.ts";
import type { EngineClient } from "../engine.ts";
import { registryAuth } from "./credentials.ts";
import { type Report, reportLines } from "./report.ts";

const PULL_IDLE_MS = 120_000;

/** Pulls, and returns when the image is there. */
export async function pull(
  engine: EngineClient,
  name: string,
  platform: string | undefined,
  report: Report,
  signal?: AbortSignal,
): Promise<void> {
  const { domain, path, tag, digest } = parseReference(name);
  const answer = await engine.stream({
    ...{ method: "POST", path: "/images/create", signal, idleTimeoutMs: PULL_IDLE_MS },
    query: { fromImage: `${domain}/${path}`, tag: digest ?? tag, platform },
    headers: await registryAuth(name),
  });
  await reportLines(answer.body, report);
}

/** The digest that the registry names for a tag now. */
export async function registryDigest(
  engine: EngineClient,
  name: string,
  signal?: AbortSignal,
): Promise<string> {
  const { digest } = parseReference(name);
  if (digest !== undefined) return digest;
  const answer = await engine.json<{ Descriptor?: { digest?: string } }>({
    ...{ method: "GET", path: `/distribution/${name}/json`, signal },
    headers: await registryAuth(name),
  });
  const found = answer.Descriptor?.digest;
  if (found !== undefined) return found;
  throw new FairleadError("unavailable", `${engine.host}: the registry gave no digest of ${name}`);
}
