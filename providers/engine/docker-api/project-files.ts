// Brings the project's files to a host: the manifest, and the contents that the host lacks, as one
// stream; and takes them away.
import { createReadStream } from "node:fs";
import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Pack, pack } from "tar-stream";
import { FairleadError } from "../../../resources/model/errors.ts";
import { pathOfPlace } from "../../../resources/plan/project-files.ts";
import {
  comparable,
  deliveredFiles,
  type ProjectEntry,
  type ProjectEntryState,
  type ProjectManifest,
  type ProjectState,
  projectState,
} from "../../../resources/wire.ts";
import type { ProjectFilesVerbs } from "../engine.ts";
import type { LocalFiles } from "../project-files/scan.ts";
import type { Report } from "../report/report.ts";
import { answerOf } from "./answer.ts";
import type { DockerClient } from "./client.ts";

const UPLOAD_IDLE_MS = 120_000;
const NOTHING: LocalFiles = {
  manifest: { digest: `sha256:${"0".repeat(64)}`, entries: [] },
  contents: new Map(),
};

/** The verbs on the files of projects on one host. */
export function projectFilesVerbs(client: DockerClient): ProjectFilesVerbs {
  return {
    state: (project, signal) => filesState(client, project, signal),
    deliver: (project, files, report, signal) =>
      deliverFiles(client, project, files, report, signal),
    async remove(project, signal) {
      await client.json({ method: "DELETE", path: pathOf(project), signal });
    },
  };
}

/** Whose files: a project's, by its name, or those of a context of a build. */
export type Owner = string | { context: string };

/** Makes an owner's files on the host those of here; reports what containers keep. */
export async function deliverFiles(
  client: DockerClient,
  project: Owner,
  files: LocalFiles = NOTHING,
  report: Report,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { entries } = await filesState(client, project, signal);
  // What containers may write to a plan has looked at; in a context nobody writes.
  if (typeof project !== "string" && isThere(files, entries)) return;
  const held = heldContents(entries);
  try {
    await send(client, project, files, held, report, signal);
  } catch (error) {
    // What was there a moment ago is not any more: then everything is sent.
    if (!(error instanceof FairleadError && error.code === "conflict") || held.size === 0)
      throw error;
    await send(client, project, files, new Set(), report, signal);
  }
}

/** What is there, entry by entry. */
export async function filesState(
  client: DockerClient,
  project: Owner,
  signal: AbortSignal | undefined,
): Promise<ProjectState> {
  return answerOf(client, projectState, { method: "GET", path: pathOf(project), signal });
}

function pathOf(owner: Owner): string {
  if (typeof owner === "string") return `/fairlead/projects/${encodeURIComponent(owner)}/files`;
  return `/fairlead/contexts/${encodeURIComponent(owner.context)}/files`;
}

/** Whether the host has exactly these files, as they are here. */
function isThere({ manifest }: LocalFiles, entries: readonly ProjectEntryState[]): boolean {
  const print = (one: ProjectEntry) => JSON.stringify(comparable(one));
  const there = new Set(entries.flatMap((one) => (one.changed ? [] : print(one))));
  const isSame = there.size === entries.length && entries.length === manifest.entries.length;
  return isSame && entries.length > 0 && manifest.entries.every((one) => there.has(print(one)));
}

function heldContents(entries: readonly ProjectEntryState[]): Set<string> {
  return new Set(
    entries.flatMap((one) => {
      if (one.type !== "file") return [];
      return one.changed ? (one.now ?? []) : one.digest;
    }),
  );
}

async function send(
  client: DockerClient,
  project: Owner,
  files: LocalFiles,
  held: ReadonlySet<string>,
  report: Report,
  signal: AbortSignal | undefined,
): Promise<void> {
  const missing = new Map<string, number>();
  for (const one of files.manifest.entries) {
    if (one.type === "file" && !held.has(one.digest)) missing.set(one.digest, one.size);
  }
  const total = [...missing.values()].reduce((sum, size) => sum + size, 0);
  const tar = pack();
  const written = write(tar, files, missing).catch((error: Error) => tar.destroy(error));
  let done = 0;
  const body = Readable.from(
    (async function* () {
      for await (const chunk of tar as unknown as AsyncIterable<Buffer>) {
        done += chunk.length;
        report("files", "Uploading", Math.min(done, total), total);
        yield chunk;
      }
    })(),
    { objectMode: false },
  );
  const { kept } = await answerOf(client, deliveredFiles, {
    ...{ method: "POST", path: pathOf(project), body, signal, idleTimeoutMs: UPLOAD_IDLE_MS },
    headers: { "content-type": "application/x-tar" },
  });
  await written;
  for (const path of kept) report(pathOfPlace(path), "is the container's own, and kept");
}

async function write(
  tar: Pack,
  { manifest, contents }: LocalFiles,
  missing: ReadonlyMap<string, number>,
): Promise<void> {
  tar.entry({ name: "manifest.json", mtime: new Date(0) }, manifestText(manifest));
  for (const [digest, size] of missing) {
    const entry = tar.entry({ name: digest.slice("sha256:".length), size, mtime: new Date(0) });
    const source = size === 0 ? Readable.from([]) : createReadStream(contents.get(digest)!);
    await pipeline(source, entry as unknown as Writable);
  }
  tar.finalize();
}

function manifestText(manifest: ProjectManifest): string {
  return JSON.stringify(manifest);
}
