// COPY, and ADD of what lies in the context: which files go where, what they are recognised by in
// the cache, and the layer they make.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { basename, posix } from "node:path";
import { FairleadError } from "../../resources/model/errors.ts";
import { decompress } from "../images/compression.ts";
import type { Part } from "../images/pack.ts";
import { resolveUser } from "../objects/container/create/user.ts";
import { isTar } from "./archive.ts";
import type { BuildParts } from "./parts.ts";
import { excluder, hasWildcard } from "./patterns.ts";
import type { Surroundings } from "./step.ts";
import { type Found, Tree } from "./tree.ts";

/** One COPY or ADD with everything replaced that can be. */
export interface Copy {
  tree: Tree;
  /** Below the root of the tree. */
  sources: string[];
  /** Absolute; with a slash at its end it is a folder in any case. */
  destination: string;
  chown: string | undefined;
  /** Octal; BuildKit's symbolic forms are refused before. */
  chmod: number | undefined;
  exclude: string[];
  /** Keep the folders above the sources. */
  parents: boolean;
  /** Take local archives apart, as ADD does. */
  unpack: boolean;
  /** Keep the owners of the tree: of another stage, not of the context. */
  keepOwner: boolean;
}

interface Wanted {
  /** Folder or file in the tree. */
  found: Found;
  /** Its name in the source, for a destination that is a folder. */
  name: string;
}

/** Every source, found; `invalid` names the first that is not there. */
async function wantedBy({ tree, sources }: Copy): Promise<Wanted[]> {
  const wanted: Wanted[] = [];
  for (const source of sources) {
    const matches = await tree.match(source);
    if (matches.length === 0 && !hasWildcard(source)) {
      throw new FairleadError("invalid", `${JSON.stringify(source)}: not found`, {
        hint: "is it in the build context, and not left out by .dockerignore?",
      });
    }
    wanted.push(...matches);
  }
  if (wanted.length > 0) return wanted;
  throw new FairleadError("invalid", "no source files were specified");
}

/** A digest of everything that the copy would bring. */
export async function digestOfCopy(copy: Copy): Promise<string> {
  const hash = createHash("sha256");
  const excluded = excluder(copy.exclude);
  for (const { found, name } of await wantedBy(copy)) {
    hash.update(`${name}\0${await copy.tree.print(found, copy.keepOwner)}\n`);
    if (!found.stat.isDirectory()) continue;
    for await (const one of copy.tree.below(found.path)) {
      const within = one.path.slice(found.path.length).replace(/^\//, "");
      if (excluded(within)) continue;
      hash.update(`${within}\0${await copy.tree.print(one, copy.keepOwner)}\n`);
    }
  }
  return hash.digest("hex");
}

/** Copies into a root. */
export async function performCopy(
  copy: Copy,
  root: string,
  signal: AbortSignal,
  { containers: { pack, unpack } }: BuildParts,
): Promise<void> {
  const wanted = await wantedBy(copy);
  const target = destinationOf(copy, wanted, root);
  const owner = ownerOf(copy, root);
  const parts: Part[] = target.missing.map((directory) => ({ directory }));
  const archives: Found[] = [];
  for (const one of wanted) {
    if (
      copy.unpack &&
      one.found.stat.isFile() &&
      (await isTar(`${copy.tree.root}/${one.found.path}`))
    )
      archives.push(one.found);
    else parts.push(...(await partsOf(copy, one, target)));
  }
  const request = { directory: copy.tree.root, parts, ...owner, mode: copy.chmod, signal };
  const into = { directory: root, whiteouts: "plain" as const, signal };
  if (parts.length > 0) await unpack(pack(request), into);
  for (const { path } of archives) {
    const folder = new Tree(root).find(target.path);
    const tar = await decompress(createReadStream(`${copy.tree.root}/${path}`));
    await unpack(tar, { ...into, directory: `${root}/${folder?.path ?? ""}` });
  }
}

interface Destination {
  /** Without a leading slash. */
  path: string;
  isFolder: boolean;
  /** Folders that have to be made, the topmost first. */
  missing: string[];
}

function destinationOf(copy: Copy, wanted: Wanted[], root: string): Destination {
  const tree = new Tree(root);
  const path = posix.normalize(copy.destination).replace(/^\/+|\/+$/g, "");
  const there = tree.find(path);
  const several = wanted.length > 1 || copy.parents;
  const isFolder =
    several ||
    copy.destination.endsWith("/") ||
    wanted.some(({ found }) => found.stat.isDirectory()) ||
    there?.stat.isDirectory() === true;
  if (several && !copy.destination.endsWith("/") && there?.stat.isDirectory() !== true) {
    throw new FairleadError(
      "invalid",
      "when using COPY or ADD with more than one source, the destination must be a directory " +
        "and end with a /",
    );
  }
  return { path, isFolder, missing: missingIn(tree, isFolder ? path : posix.dirname(path)) };
}

/** The folders of a path that are not there, the topmost first. */
function missingIn(tree: Tree, path: string): string[] {
  const folders = path.split("/");
  const above = folders.map((_, at) => folders.slice(0, at + 1).join("/"));
  return above.filter((one) => one !== "" && one !== "." && tree.find(one) === undefined);
}

/** Makes the missing folders of an absolute path in a root. */
export async function makeFolders(
  root: string,
  path: string,
  { uid, gid }: { uid: number; gid: number },
  { request: { signal }, parts }: Surroundings,
): Promise<void> {
  const missing = missingIn(new Tree(root), path.replace(/^\/+|\/+$/g, ""));
  if (missing.length === 0) return;
  const folders = missing.map((directory) => ({ directory }));
  const tar = parts.containers.pack({ directory: root, parts: folders, uid, gid, signal });
  await parts.containers.unpack(tar, { directory: root, whiteouts: "plain", signal });
}

async function partsOf(copy: Copy, { found, name }: Wanted, to: Destination): Promise<Part[]> {
  const excluded = excluder(copy.exclude);
  const place = (inner: string) => posix.join(to.path, inner).replace(/^\.\/?/, "") || ".";
  const above = copy.parents ? parentsOf(name) : { folders: [], rest: basename(name) };
  const parts: Part[] = above.folders.map((folder) => ({ directory: place(folder) }));
  if (!found.stat.isDirectory()) {
    if (excluded(basename(name))) return [];
    const as = to.isFolder ? place(copy.parents ? above.rest : basename(name)) : to.path;
    return [...parts, { take: found.path, as }];
  }
  const base = copy.parents ? above.rest : "";
  for await (const one of copy.tree.below(found.path)) {
    const within = one.path.slice(found.path.length).replace(/^\//, "");
    if (!excluded(within)) parts.push({ take: one.path, as: place(posix.join(base, within)) });
  }
  return parts;
}

/** With --parents the folders of a source come along; `/./` says from where on. */
function parentsOf(name: string): { folders: string[]; rest: string } {
  const folders = name.split("/").slice(0, -1);
  return { folders: folders.map((_, at) => folders.slice(0, at + 1).join("/")), rest: name };
}

/** Names are looked up in the root that is copied into. */
function ownerOf(copy: Copy, root: string): { uid?: number; gid?: number } {
  if (copy.chown === undefined) return copy.keepOwner ? {} : { uid: 0, gid: 0 };
  const { uid, gid } = resolveUser(root, copy.chown);
  // As BuildKit: a number without a group means the same number for the group.
  return { uid, gid: /^\d+$/.test(copy.chown) ? uid : gid };
}
