// What an image is built from, as it is on this machine: contexts by content, the text of the
// Dockerfile, and the parts by which one build is told from another. Reads only.
import { constants } from "node:fs";
import { open, stat } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { type ImageBuild, isRepository } from "../../../resources/kinds/image/build.ts";
import type { ImageSpec } from "../../../resources/kinds/image/image.ts";
import { imagesAmong } from "../../../resources/kinds/image/plan.ts";
import { canonicalJson } from "../../../resources/model/canonical.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import { hashContent, hashSecret, reveal, secret } from "../../../resources/model/secret.ts";
import { type BuildParts, buildLabel } from "../../../resources/plan/build.ts";
import { amountOf } from "../../../resources/plan/plan-files.ts";
import { comparable, type ProjectEntry } from "../../../resources/wire.ts";
import { IgnoreFile, ignoreText } from "../project-files/ignore.ts";
import type { LocalFiles } from "../project-files/scan.ts";
import { type Budget, budgetOf, largestOf, readTree, type Tree } from "../project-files/tree.ts";
import { clonedFolder } from "./git-context.ts";

export interface LocalBuild {
  parts: BuildParts;
  /** Text of the Dockerfile. */
  dockerfile: string;
  /** Its path in the context, when it is a file of it. */
  dockerfilePath: string | undefined;
  /** Undefined for a build without files. */
  context: LocalFiles | undefined;
  /** Further contexts: files, or the name of an image. */
  contexts: ReadonlyMap<string, LocalFiles | { image: string }>;
}

const DEFAULT_LIMIT = 1_000_000_000;
/** As many as the host takes in one delivery. */
const MOST_ENTRIES = 50_000;
const LARGEST_DOCKERFILE = 1024 * 1024;

/**
 * Reads everything that a build needs; `invalid` with the path that is missing or too much.
 * `builtAs` gives what an image is built from that the same stack builds.
 */
export async function readBuild(
  spec: ImageSpec & { build: ImageBuild },
  builtAs: (image: string) => Promise<BuildParts | undefined>,
): Promise<LocalBuild> {
  const { build } = spec;
  const directory = build.context === undefined ? undefined : await folderOf(build.context);
  const file = await dockerfileOf(build, directory);
  const budget = budgetOf(build.limit ?? DEFAULT_LIMIT, MOST_ENTRIES);
  const context =
    directory === undefined
      ? undefined
      : await contextFiles(directory, await ignored(directory, file.path), budget);
  const contexts = new Map<string, LocalFiles | { image: string }>();
  const named: Record<string, string> = {};
  for (const [name, place] of Object.entries(build.contexts ?? {})) {
    const [image] = imagesAmong({ name: place });
    if (image === undefined) {
      const folder = await folderOf(place);
      const files = await contextFiles(folder, await ignored(folder, undefined), budget);
      contexts.set(name, files);
      named[name] = files.manifest.digest;
    } else {
      const parts = await builtAs(image);
      contexts.set(name, { image });
      named[name] = parts === undefined ? image : hashContent(buildLabel(parts));
    }
  }
  const parts: BuildParts = {
    context: context?.manifest.digest ?? "",
    dockerfile: hashContent(file.text),
    args: argumentDigests(spec),
    contexts: named,
    settings: settingsDigest(spec),
  };
  const inside = directory && file.path ? relative(directory, file.path) : undefined;
  const isInside = context?.manifest.entries.some(({ path }) => path === inside) === true;
  return {
    ...{ parts, dockerfile: file.text, context, contexts },
    dockerfilePath: isInside ? inside : undefined,
  };
}

/** What of a declaration changes the image, beside what has a digest of its own. */
function settingsDigest({ build, platform }: ImageSpec): string {
  const { target, labels, tags, network, extraHosts, shmSize, ulimits } = build!;
  const all = { target, labels, tags, network, extraHosts, shmSize, ulimits, platform };
  const given = Object.entries(all).filter(([, value]) => value !== undefined);
  return hashContent(canonicalJson(JSON.parse(JSON.stringify(Object.fromEntries(given)))));
}

function argumentDigests({ name, build }: ImageSpec): Record<string, string> {
  return Object.fromEntries(
    Object.entries(build!.args ?? {}).map(([key, value]) => [
      key,
      hashSecret(secret(reveal(value)), `build\0${name}\0${key}`),
    ]),
  );
}

/** A folder here, or the clone of a repository. */
async function folderOf(context: string): Promise<string> {
  if (isRepository(context)) return clonedFolder(context);
  const path = resolve(context);
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return path;
  const what = found === undefined ? "is not there" : "is not a folder";
  throw new FairleadError("invalid", `the build context ${path} ${what}`, { path });
}

async function dockerfileOf(
  { dockerfile, dockerfileInline }: ImageBuild,
  directory: string | undefined,
): Promise<{ text: string; path: string | undefined }> {
  if (dockerfileInline !== undefined) return { text: dockerfileInline, path: undefined };
  const path = resolve(directory ?? ".", dockerfile ?? "Dockerfile");
  try {
    return { text: await boundedText(path), path };
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    const what = missing ? "is not there" : `cannot be read: ${(error as Error).message}`;
    throw new FairleadError("invalid", `the Dockerfile ${path} ${what}`, { path, cause: error });
  }
}

async function boundedText(path: string): Promise<string> {
  // A pipe without a writer would be waited for without an end.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = await file.stat();
    if (!found.isFile()) throw new Error("it is no file");
    if (found.size > LARGEST_DOCKERFILE) throw new Error("it is larger than 1 MiB");
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

/** NAME.dockerignore beside a Dockerfile counts before the one of the context. */
async function ignored(directory: string, dockerfile: string | undefined): Promise<IgnoreFile> {
  const own = dockerfile && (await ignoreText(`${dockerfile}.dockerignore`));
  return new IgnoreFile(directory, own ?? (await ignoreText(join(directory, ".dockerignore"))));
}

async function contextFiles(
  directory: string,
  ignore: IgnoreFile,
  budget: Budget,
): Promise<LocalFiles> {
  const tree = await readTree(directory, await stat(directory), {
    budget,
    isLeftOut: (path) => ignore.leavesOut(path),
    mayHold: () => ignore.mayHold(),
    refuse,
    skipsOthers: true,
  });
  if (budget.bytes > budget.limitBytes) {
    const [all, most] = [amountOf(budget.bytes), amountOf(budget.limitBytes)];
    const largest = largestOf(budget, directory);
    const message = `the build context is ${all}, more than ${most}: ${largest}`;
    throw new FairleadError("invalid", message, {
      path: directory,
      hint: "Leave out what the build does not copy with a .dockerignore, or raise the limit.",
    });
  }
  return filesOf(tree);
}

function refuse(path: string, what: string): never {
  throw new FairleadError("invalid", `${path} ${what}`, {
    path,
    hint: "Leave out what the build does not copy with a .dockerignore.",
  });
}

/** Owners are of no account in a context: what is copied from it belongs to root. */
function filesOf({ entries }: Tree): LocalFiles {
  const contents = new Map<string, string>();
  const list: ProjectEntry[] = [];
  for (const [path, one] of entries) {
    if (path === "") continue;
    if (one.type === "file") {
      const { at, ...file } = one;
      contents.set(file.digest, at);
      list.push({ ...file, path, keep: false, uid: 0, gid: 0 });
    } else if (one.type === "folder") list.push({ ...one, path, keep: false, uid: 0, gid: 0 });
    else list.push({ ...one, path, keep: false });
  }
  list.sort((a, b) => (a.path < b.path ? -1 : 1));
  const digest = hashContent(JSON.stringify(list.map(comparable)));
  return { manifest: { digest, entries: list }, contents };
}
