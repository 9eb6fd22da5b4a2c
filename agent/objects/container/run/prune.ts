// Removes every container that does not run, by filters.
import type { ContainerPruneResponse } from "@docker/node-sdk";
import { FairleadError } from "../../../../resources/model/errors.ts";
import type { ContainerParts } from "../state/parts.ts";
import { removeContainer } from "./remove.ts";

/** Removes what `until`, `label` and `label!` allow; tells ids and bytes. */
export async function pruneContainers(
  filters: ReadonlyMap<string, readonly string[]>,
  parts: ContainerParts,
): Promise<ContainerPruneResponse> {
  const until = (filters.get("until") ?? []).map(readUntil);
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
  // Docker tells null rather than an empty list.
  return {
    ContainersDeleted: (deleted.length > 0 ? deleted : null) as never,
    SpaceReclaimed: bytes,
  };
}

const UNITS: Record<string, number> = { h: 3600, m: 60, s: 1 };

/** A time, or how long ago in Go's words (`24h`, `1h30m`); in milliseconds since 1970. */
function readUntil(text: string): number {
  if (/^(\d+[hms])+$/.test(text)) {
    const parts = [...text.matchAll(/(\d+)([hms])/g)];
    const seconds = parts.reduce(
      (sum, [, n, unit]) => sum + Number(n) * (UNITS[unit ?? ""] ?? 0),
      0,
    );
    return Date.now() - seconds * 1000;
  }
  const time = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text);
  if (Number.isNaN(time)) throw new FairleadError("invalid", `until: ${text} is not a time`);
  return time;
}

function hasLabel(labels: Record<string, string>, filter: string): boolean {
  const at = filter.indexOf("=");
  const key = at < 0 ? filter : filter.slice(0, at);
  return Object.hasOwn(labels, key) && (at < 0 || labels[key] === filter.slice(at + 1));
}
