// Reads a delivery of project files: a tar with manifest.json, then contents named by their digest.
// Nothing in it says where anything goes but the manifest, whose paths are checked.
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { extract } from "tar-stream";
import { FairleadError } from "../../../resources/model/errors.ts";
import { type ProjectManifest, projectManifest } from "../../../resources/wire.ts";

const LARGEST_MANIFEST = 16 * 1024 * 1024;
const MANIFEST = "manifest.json";

/** The manifest of a delivery, whose contents are then in `folder`, each under its hex digest. */
export async function receive(
  tar: Readable,
  folder: string,
  signal: AbortSignal,
): Promise<ProjectManifest> {
  const entries = extract();
  tar.on("error", (error) => entries.destroy(error));
  tar.pipe(entries);
  let manifest: ProjectManifest | undefined;
  let sizes = new Map<string, number>();
  try {
    for await (const entry of entries) {
      signal.throwIfAborted();
      const { name, type, size = 0 } = entry.header;
      if (type !== "file") throw broken(`an entry of type ${type}`);
      if (manifest === undefined) {
        if (name !== MANIFEST) throw broken("no manifest at its begin");
        manifest = await manifestOf(entry, size);
        sizes = sizesOf(manifest);
        continue;
      }
      if (sizes.get(name) !== size) throw broken(`${name.slice(0, 70)}, which it does not need`);
      sizes.delete(name);
      await keep(entry, join(folder, name), name);
    }
  } catch (error) {
    if (error instanceof FairleadError) throw error;
    throw new FairleadError("invalid", `the delivery is no tar: ${(error as Error).message}`, {
      cause: error,
    });
  }
  if (manifest === undefined) throw broken("no manifest");
  return manifest;
}

async function manifestOf(entry: AsyncIterable<unknown>, size: number): Promise<ProjectManifest> {
  if (size > LARGEST_MANIFEST) throw broken("a manifest of more than 16 MiB");
  const chunks: Buffer[] = [];
  for await (const chunk of entry) chunks.push(chunk as Buffer);
  const parsed = projectManifest.safeParse(JSON.parse(Buffer.concat(chunks).toString("utf8")));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw broken(`a bad manifest: ${issue?.path.join(".")}: ${issue?.message}`);
  }
  const seen = new Set<string>();
  for (const { path } of parsed.data.entries) {
    if (seen.has(path)) throw broken(`${path} twice`);
    seen.add(path);
  }
  return parsed.data;
}

function sizesOf({ entries }: ProjectManifest): Map<string, number> {
  return new Map(
    entries.flatMap((one) => (one.type === "file" ? [[one.digest.slice(7), one.size]] : [])),
  );
}

async function keep(entry: AsyncIterable<unknown>, path: string, hex: string): Promise<void> {
  const hash = createHash("sha256");
  const file = await open(path, "wx", 0o600);
  try {
    for await (const chunk of entry) {
      hash.update(chunk as Buffer);
      await file.writeFile(chunk as Buffer);
    }
  } finally {
    await file.close();
  }
  if (hash.digest("hex") !== hex) throw broken(`other bytes than sha256:${hex}`);
}

function broken(what: string): FairleadError {
  return new FairleadError("invalid", `the delivery of project files has ${what}`);
}
