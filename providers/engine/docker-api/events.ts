// What happens on a host, as Docker's Engine API streams it.
import type { EngineEvent, EventOptions } from "../engine.ts";
import type { DockerClient } from "./client.ts";
import { jsonLines } from "./json-lines.ts";
import { listQuery } from "./list-query.ts";

/** What happens to objects with a label, from now on or from `since`. */
export async function events(
  client: DockerClient,
  label: string,
  { since, until, signal }: EventOptions,
): Promise<AsyncIterable<EngineEvent>> {
  const query = { ...listQuery([label]), since, until };
  const answer = await client.stream({
    ...{ method: "GET", path: "/events", query, signal, idleTimeoutMs: 0 },
  });
  return jsonLines<EngineEvent>(answer.body);
}
