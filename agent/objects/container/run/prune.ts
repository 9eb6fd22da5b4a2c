// Removes every container that does not run, by filters.
import type { ContainerPruneResponse } from "@docker/node-sdk";
import { FairleadError } from "../../../../resources/model/errors.ts";
import { publishPrune } from "../../event.ts";
import { hasLabel, readUntil } from "../../filter.ts";
import type { ContainerParts } from "../state/parts.ts";
import { removeContainer } from "./remove.ts";

/** Removes what `until`, `label` and `label!` allow; tells ids and bytes. */
export async function pruneContainers(
  filters: ReadonlyMap<string, readonly string[]>,
  parts: ContainerParts,
): Promise<ContainerPruneResponse> {
  const until = (filters.get("until") ?? []).map((text) => readUntil(text) * 1000);
  const deleted: string[] = [];
  let bytes = 0;
  for (const container of parts.containers.all()) {
    const { record } = container;
    const labels = record.config.Labels ?? {};
    const has = (filter: string) => hasLabel(labels, filter);
    const wanted =
      !container.running &&
      !container.unreadable &&
      until.every((time) => Date.parse(record.created) < time) &&
      (filters.get("label") ?? []).every(has) &&
      !(filters.get("label!") ?? []).some(has);
    if (!wanted) continue;
    const written = await parts.storage.usage(container.id);
    try {
      await removeContainer(container, { volumes: false, force: false }, parts);
    } catch (error) {
      // It was started or removed in the meantime.
      if (error instanceof FairleadError && error.code === "conflict") continue;
      throw error;
    }
    deleted.push(container.id);
    bytes += written;
  }
  publishPrune(parts.events, "container", bytes);
  // Docker tells null rather than an empty list.
  return {
    ContainersDeleted: (deleted.length > 0 ? deleted : null) as never,
    SpaceReclaimed: bytes,
  };
}
