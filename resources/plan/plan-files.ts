// What happens to the files of the project's folder on a host. What a container has made of a place
// that it may write to is its own: it is neither overwritten nor taken away.
import type { ContainerInspectResponse } from "@docker/node-sdk";
import type { FieldChange } from "../model/change.ts";
import {
  comparable,
  type ProjectEntry,
  type ProjectEntryState,
  type ProjectManifest,
} from "../wire.ts";
import { hostOf, operate, type PlanDraft } from "./draft.ts";
import { FILES_LABEL, labelledDigests, type OnChange, pathOfPlace } from "./project-files.ts";
import type { Placed } from "./resource.ts";

/** Plans the files of every host; before the containers, which wait for them. */
export function planFiles(draft: PlanDraft): void {
  for (const host of draft.observed.keys()) {
    const seen = hostOf(draft, { host }).files;
    const wanted = draft.files.get(host);
    if (seen === undefined && (wanted?.entries.length ?? 0) === 0) continue;
    const isSame = seen !== undefined && wanted?.digest === seen.manifest;
    if (isSame && seen.clean) {
      draft.unchanged.push(filesAddress(draft, host));
      continue;
    }
    const changes = changesOf(draft, host, wanted?.entries ?? [], seen?.entries ?? []);
    const isNothing = wanted === undefined || wanted.entries.length === 0;
    if ((isSame || isNothing) && changes.length === 0) {
      draft.unchanged.push(filesAddress(draft, host));
      continue;
    }
    const cause = seen === undefined ? sizeOf(wanted) : "who may write to them has changed";
    operate(draft, resourceOf(draft, host), "deliver", cause, {
      changes: seen === undefined ? [] : changes,
    });
  }
}

/** Plans that all files of the project go, with what containers wrote among them. */
export function removeFiles(draft: PlanDraft, cause: string): void {
  for (const host of draft.observed.keys()) {
    if (hostOf(draft, { host }).files === undefined) continue;
    const before = draft.operations.filter((one) => one.host === host);
    const dependsOn = before.map(({ id }) => id);
    operate(draft, resourceOf(draft, host), "remove", cause, { dependsOn });
  }
}

/** What a change of its files means for a container that is there; undefined when nothing. */
export function filesCause(
  draft: PlanDraft,
  { host, given }: Placed,
  seen: ContainerInspectResponse,
): { cause: string; onChange: OnChange } | undefined {
  const before = labelledDigests(seen.Config?.Labels?.[FILES_LABEL]);
  const moved = Object.entries(given?.digests ?? {}).filter(
    ([place, { digest }]) => before[place] !== digest,
  );
  const [strongest] = moved.map(([, { onChange }]) => onChange).sort((a, b) => rank(a) - rank(b));
  if (strongest === undefined || strongest === "none") return undefined;
  const names = changedNames(
    draft,
    host,
    moved.map(([place]) => place),
  );
  return { cause: `${names} changed`, onChange: strongest };
}

/** The operation that a container with such files waits for. */
export function filesOperations(draft: PlanDraft, { host, given }: Placed): string[] {
  if (given === undefined) return [];
  return (draft.byAddress.get(filesAddress(draft, host)) ?? []).map(({ id }) => id);
}

function resourceOf(draft: PlanDraft, host: string) {
  const { project } = draft;
  return { host, kind: "files" as const, name: project, object: project };
}

function filesAddress(draft: PlanDraft, host: string): string {
  return `${host}/files/${draft.project}`;
}

function rank(onChange: OnChange): number {
  if (onChange === "recreate") return 0;
  if (onChange === "restart") return 1;
  return onChange === "none" ? 3 : 2;
}

const NAMED = 3;

function changedNames(draft: PlanDraft, host: string, places: string[]): string {
  const operations = draft.byAddress.get(filesAddress(draft, host)) ?? [];
  const changed = operations.flatMap(({ changes }) =>
    changes.map(({ field }) => field.slice("files.".length)),
  );
  const below = (path: string) =>
    places.some((place) => path === pathOfPlace(place) || isBelow(path, pathOfPlace(place)));
  const names = changed.filter(below);
  const all = names.length > 0 ? names : places.map(pathOfPlace);
  const more = all.length - NAMED;
  return `${all.slice(0, NAMED).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function isBelow(path: string, folder: string): boolean {
  return folder === "." || path.startsWith(`${folder}/`);
}

function changesOf(
  draft: PlanDraft,
  host: string,
  wanted: readonly ProjectEntry[],
  seen: readonly ProjectEntryState[],
): FieldChange[] {
  const there = new Map(seen.map((one) => [one.path, one]));
  const known = new Set(wanted.map(({ path }) => path));
  const changes: FieldChange[] = [];
  for (const entry of wanted) {
    const what = differenceOf(entry, there.get(entry.path));
    if (what === "conflict") {
      const path = pathOfPlace(entry.path);
      draft.notes.push(
        `${path} changed here and in the container on ${host}: the container's is kept`,
      );
    } else if (what !== undefined) changes.push(changeOf(entry.path, there.get(entry.path), what));
  }
  for (const one of seen) {
    if (known.has(one.path) || (one.keep && one.changed)) continue;
    const from = textOf(one);
    changes.push({ ...changeOf(one.path, one, "declared"), from });
    delete changes.at(-1)!.to;
  }
  return changes;
}

/** Why an entry must be delivered; undefined when it need or may not. */
function differenceOf(
  entry: ProjectEntry,
  seen: ProjectEntryState | undefined,
): FieldChange["cause"] | "conflict" | undefined {
  if (seen === undefined) return "declared";
  const delivered = JSON.stringify(comparable(entry)) === JSON.stringify(comparable(seen));
  if (!seen.changed) return delivered ? undefined : "declared";
  if (!entry.keep) return delivered ? "drift" : "declared";
  if (delivered || (entry.type === "file" && seen.type === "file" && seen.now === entry.digest)) {
    return undefined;
  }
  return "conflict";
}

function changeOf(
  place: string,
  seen: ProjectEntryState | undefined,
  cause: FieldChange["cause"],
): FieldChange {
  return {
    field: `files.${pathOfPlace(place)}`,
    ...(seen === undefined || (seen.changed && seen.is === "missing")
      ? {}
      : { from: textOf(seen) }),
    to: true,
    rule: "update",
    cause,
  };
}

function textOf(entry: ProjectEntry): string {
  if (entry.type === "file") return entry.digest;
  return entry.type === "link" ? entry.target : "folder";
}

function sizeOf(manifest: ProjectManifest | undefined): string {
  const files = (manifest?.entries ?? []).flatMap((one) => (one.type === "file" ? [one.size] : []));
  const bytes = files.reduce((sum, size) => sum + size, 0);
  return `${files.length} ${files.length === 1 ? "file" : "files"}, ${amountOf(bytes)}`;
}

/** `12 B`, `3.4 kB`, `120 MB`. */
export function amountOf(bytes: number): string {
  const units = ["B", "kB", "MB", "GB"];
  let rest = bytes;
  let at = 0;
  for (; rest >= 1000 && at < units.length - 1; at += 1) rest /= 1000;
  return `${rest < 10 && at > 0 ? rest.toFixed(1) : Math.round(rest)} ${units[at]}`;
}
