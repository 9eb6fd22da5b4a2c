// Copies files out of a container and into one, as tar streams. What comes is believed in nothing.
import { createReadStream, createWriteStream } from "node:fs";
import { lstat, mkdir, readdir, readlink, stat, symlink, unlink } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { extract, type Pack, pack } from "tar-stream";
import { FairleadError } from "../../../resources/model/errors.ts";
import { ifThere } from "../../engine/allowing.ts";
import type { EngineClient } from "../../engine/engine.ts";
import type { ProjectContainer } from "./project-containers.ts";

const FOLDER = 0x8000_0000;

/** `web:/path` is in a service; `./a:b` and `/a:b` are here. */
export function placeOf(text: string): { service?: string; path: string } {
  const cut = text.indexOf(":");
  if (cut <= 0 || /^[./]/.test(text)) return { path: text };
  return { service: text.slice(0, cut), path: text.slice(cut + 1) };
}

export async function copyOut(
  engine: EngineClient,
  { id }: ProjectContainer,
  source: string,
  target: string,
  signal: AbortSignal,
): Promise<void> {
  const tar = await engine.containers.archiveOf(id, source, signal);
  if (target === "-") {
    await pipeline(tar, process.stdout, { end: false });
    return;
  }
  const isFolder = await stat(target).then(
    (found) => found.isDirectory(),
    () => target.endsWith("/"),
  );
  // Into a folder under its own name; else under the name that was given.
  const folder = resolve(isFolder ? target : dirname(target));
  const name = isFolder ? undefined : basename(target);
  await unpackHere(tar, folder, name, source.endsWith("/."));
}

/** Unpacks below a folder: a tar of a container is believed in nothing. */
async function unpackHere(
  tar: Readable,
  folder: string,
  name: string | undefined,
  contentsOnly: boolean,
): Promise<void> {
  const entries = extract();
  tar.on("error", (error) => entries.destroy(error));
  tar.pipe(entries);
  for await (const entry of entries) {
    const { name: path, type, linkname, mode = 0o644 } = entry.header;
    const parts = path.split("/").filter((part) => part !== "" && part !== ".");
    if (parts.includes("..")) throw new FairleadError("invalid", `${path} leads out of the target`);
    if (contentsOnly) parts.shift();
    else if (name !== undefined) parts[0] = name;
    const place = join(folder, ...parts);
    await refuseLinksAbove(folder, parts);
    if (type === "directory") await mkdir(place, { recursive: true, mode: mode | 0o700 });
    else if (type === "symlink") {
      await unlink(place).catch(() => {});
      await symlink(linkname ?? "", place);
    } else if (type === "file" || type === "contiguous-file") {
      await mkdir(dirname(place), { recursive: true });
      if ((await lstat(place).catch(() => undefined))?.isSymbolicLink()) await unlink(place);
      await pipeline(entry as unknown as Readable, createWriteStream(place, { mode }));
      continue;
    }
    entry.resume();
  }
}

/** A link that the tar itself made must lead no later entry away. */
async function refuseLinksAbove(folder: string, parts: readonly string[]): Promise<void> {
  for (let count = 1; count < parts.length; count += 1) {
    const above = join(folder, ...parts.slice(0, count));
    const found = await lstat(above).catch(() => undefined);
    if (!found?.isSymbolicLink()) continue;
    throw new FairleadError("invalid", `${above} is a link: nothing is written behind it`);
  }
}

interface InOptions {
  archive: boolean;
  follow: boolean;
  signal: AbortSignal;
}

export async function copyIn(
  engine: EngineClient,
  { id }: ProjectContainer,
  source: string,
  target: string,
  { archive, follow, signal }: InOptions,
): Promise<void> {
  const { containers } = engine;
  const options = { keepOwners: archive, signal };
  if (source === "-") return containers.unpackInto(id, target, process.stdin, options);
  const there = await ifThere(containers.statInside(id, target, signal));
  const isFolder = there === undefined ? target.endsWith("/") : (there.mode & FOLDER) !== 0;
  const contentsOnly = source.endsWith(`${sep}.`);
  const folder = isFolder ? target : dirname(target);
  const name = contentsOnly ? "" : isFolder ? basename(resolve(source)) : basename(target);
  const tar = pack();
  const written = addTree(tar, source, name, follow)
    .then(() => tar.finalize())
    .catch((error: Error) => tar.destroy(error));
  const body = Readable.from(tar as unknown as AsyncIterable<Buffer>, { objectMode: false });
  await containers.unpackInto(id, folder, body, options);
  await written;
}

async function addTree(tar: Pack, path: string, name: string, follow: boolean): Promise<void> {
  const found = await (follow ? stat(path) : lstat(path));
  const { mode, uid, gid, mtime, size } = found;
  const header = { name: name || ".", mode: mode & 0o7777, uid, gid, mtime };
  if (found.isSymbolicLink()) {
    tar.entry({ ...header, type: "symlink", linkname: await readlink(path) });
  } else if (found.isDirectory()) {
    tar.entry({ ...header, type: "directory" });
    for (const inner of (await readdir(path)).sort()) {
      await addTree(tar, join(path, inner), name === "" ? inner : `${name}/${inner}`, false);
    }
  } else if (found.isFile()) {
    const entry = tar.entry({ ...header, size });
    await pipeline(
      createReadStream(path, { end: Math.max(size - 1, 0) }),
      entry as unknown as Writable,
    );
  } else throw new FairleadError("invalid", `${path} is neither a file, a folder nor a link`);
}
