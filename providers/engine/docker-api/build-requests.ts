// The requests of a build: our agent's, and Docker's classic one with the context as a tar.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Pack, pack } from "tar-stream";
import type { BuildImageRequest } from "../../../resources/wire.ts";
import type { LocalBuild } from "../image-build/local.ts";
import type { BuildSettings } from "../image-build/request.ts";
import type { LocalFiles } from "../project-files/scan.ts";
import type { DockerClient } from "./client.ts";

/** Our agent says every ten seconds that a build goes on. */
const SILENT_MS = 120_000;
/** Docker says nothing while a command of a build does. */
const CLASSIC_SILENT_MS = 3_600_000;

/** Asks our agent; the lines of its answer. */
export async function askForBuild(
  client: DockerClient,
  body: BuildImageRequest,
  headers: Record<string, string>,
  signal: AbortSignal | undefined,
): Promise<Readable> {
  const answer = await client.stream({
    ...{ method: "POST", path: "/fairlead/build", body, headers, signal },
    ...{ step: "building an image", idleTimeoutMs: SILENT_MS },
  });
  return answer.body;
}

/** Asks in Docker's classic way, which has no values of secrets and no further contexts. */
export async function askForClassicBuild(
  client: DockerClient,
  settings: BuildSettings,
  local: LocalBuild,
  headers: Record<string, string>,
  signal: AbortSignal | undefined,
): Promise<Readable> {
  const { dockerfile, tags, args, labels, ulimits, extraHosts } = settings;
  const name = local.dockerfilePath ?? `.dockerfile.${shortHash(dockerfile)}`;
  const query = {
    ...{ dockerfile: name, version: 1, rm: 1, forcerm: 1, t: tags },
    ...{ buildargs: JSON.stringify(args), labels: JSON.stringify(labels) },
    ...{ target: settings.target, networkmode: settings.network, shmsize: settings.shmSize },
    ...{ nocache: settings.noCache, pull: settings.pull, extrahosts: extraHosts },
    ulimits: ulimits && JSON.stringify(ulimits),
  };
  const tar = pack();
  const written = writeContext(tar, local, name, dockerfile);
  written.catch((error: Error) => tar.destroy(error));
  const body = Readable.from(tar as unknown as AsyncIterable<Buffer>, { objectMode: false });
  const answer = await client.stream({
    ...{ method: "POST", path: "/build", query, body, signal },
    headers: { ...headers, "content-type": "application/x-tar" },
    ...{ step: "building an image", idleTimeoutMs: CLASSIC_SILENT_MS },
  });
  await written;
  return answer.body;
}

function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 20);
}

async function writeContext(
  tar: Pack,
  { context, dockerfilePath }: LocalBuild,
  name: string,
  dockerfile: string,
): Promise<void> {
  const added = new Map<string, string>();
  if (dockerfilePath === undefined) {
    // What .dockerignore names is taken out of the context by the engine, once it was read.
    added.set(name, dockerfile);
    added.set(".dockerignore", `${await ownIgnoreFile(context)}\n${name}\n`);
  }
  for (const [path, text] of added) tar.entry({ name: path, mtime: new Date(0) }, text);
  if (context !== undefined) await writeFiles(tar, context, added);
  tar.finalize();
}

/** Of a context that has none, the added one is not to be copied either. */
async function ownIgnoreFile(context: LocalFiles | undefined): Promise<string> {
  const found = context?.manifest.entries.find(({ path }) => path === ".dockerignore");
  if (found?.type !== "file") return ".dockerignore";
  return readFile(context!.contents.get(found.digest)!, "utf8");
}

async function writeFiles(
  tar: Pack,
  { manifest, contents }: LocalFiles,
  without: ReadonlyMap<string, string>,
): Promise<void> {
  for (const one of manifest.entries) {
    const { path: name } = one;
    if (without.has(name)) continue;
    if (one.type === "link") {
      tar.entry({ name, type: "symlink", linkname: one.target, mtime: new Date(0) });
    } else if (one.type === "folder") {
      tar.entry({ name, type: "directory", mode: one.mode, mtime: new Date(0) });
    } else {
      const { size, mode, modified = 0 } = one;
      const entry = tar.entry({ name, size, mode, mtime: new Date(modified * 1000) });
      const source = size === 0 ? Readable.from([]) : createReadStream(contents.get(one.digest)!);
      await pipeline(source, entry as unknown as Writable);
    }
  }
}
