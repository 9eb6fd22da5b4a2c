// Reads the project's folder on this machine: what of it the containers of each host are given, by
// content. Reads only.
import { createHash } from "node:crypto";
import { createReadStream, type Stats } from "node:fs";
import { lstat, readdir, readFile, readlink, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import commonjs, { type Ignore } from "@balena/dockerignore";
import { FairleadError } from "../../../resources/model/errors.ts";
import { amountOf } from "../../../resources/plan/plan-files.ts";
import type {
  GivenFiles,
  OnChange,
  ProjectFolder,
  ProjectRoot,
} from "../../../resources/plan/project-files.ts";
import type { Stack } from "../../../resources/stack/stack.ts";
import { comparable, type ProjectEntry, type ProjectManifest } from "../../../resources/wire.ts";

/** What one host gets, and where its contents are here. */
export interface LocalFiles {
  manifest: ProjectManifest;
  /** Paths on this machine, by digest. */
  contents: ReadonlyMap<string, string>;
}

export interface ReadFiles {
  /** With the digests of what its containers are given. */
  stack: Stack;
  byHost: ReadonlyMap<string, LocalFiles>;
}

const MOST_ENTRIES = 20_000;
const MOST_DEPTH = 100;
const NAMED = 3;

/** Reads everything that the containers of a stack are given of the project's folder. */
export async function readProjectFiles(stack: Stack): Promise<ReadFiles> {
  const { files } = stack;
  if (files === undefined || files.roots.length === 0) return { stack, byHost: new Map() };
  const scan = new Scan(files, await Ignored.of(files.directory));
  const trees = new Map<string, Tree>();
  for (const { source, create } of files.roots) {
    if (!trees.has(source)) trees.set(source, await scan.tree(source, create));
  }
  const inPlace = placesToRewrite(stack);
  const hosts = new Set(files.roots.map(({ host }) => host));
  const byHost = new Map(
    [...hosts].map((host) => {
      const roots = files.roots.filter((root) => root.host === host);
      return [host, filesOf(roots, trees, (path) => inPlace.has(`${host} ${path}`))] as const;
    }),
  );
  const resources = stack.resources.map((one) => {
    const manifest = byHost.get(one.host)?.manifest;
    if (one.given === undefined || manifest === undefined) return one;
    return { ...one, given: withDigests(one.given, manifest) };
  });
  return { stack: { ...stack, resources }, byHost };
}

/** What stands at a root, by path relative to it; "" is the root itself. */
interface Tree {
  entries: Map<string, Plain>;
}
type Plain =
  | {
      type: "file";
      mode: number;
      uid: number;
      gid: number;
      size: number;
      digest: string;
      at: string;
    }
  | { type: "folder"; mode: number; uid: number; gid: number }
  | { type: "link"; target: string };

/** Which files are left out: by .fairleadignore, else by .dockerignore. */
class Ignored {
  readonly #directory: string;
  readonly #matcher: Ignore | undefined;
  /** A .dockerignore is about images: what is mounted by name is meant, whatever it says. */
  readonly #isStrict: boolean;

  private constructor(directory: string, text: string | undefined, isStrict: boolean) {
    this.#directory = directory;
    this.#matcher = text === undefined ? undefined : commonjs.default().add(text);
    this.#isStrict = isStrict;
  }

  static async of(directory: string): Promise<Ignored> {
    const own = await textOf(join(directory, ".fairleadignore"));
    const text = own ?? (await textOf(join(directory, ".dockerignore")));
    return new Ignored(directory, text, own !== undefined);
  }

  has(path: string, root: string): boolean {
    return this.#matches(path) && (this.#isStrict || !this.#matches(root));
  }

  #matches(path: string): boolean {
    const inside = relative(this.#directory, path);
    if (inside === "" || inside.startsWith("..")) return false;
    return this.#matcher?.ignores(inside) === true;
  }
}

async function textOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() && found.size < 1024 * 1024 ? readFile(path, "utf8") : undefined;
}

class Scan {
  readonly #folder: ProjectFolder;
  readonly #ignored: Ignored;
  readonly #largest: { path: string; size: number }[] = [];
  #bytes = 0;
  #count = 0;

  constructor(folder: ProjectFolder, ignored: Ignored) {
    this.#folder = folder;
    this.#ignored = ignored;
  }

  async tree(source: string, create: boolean): Promise<Tree> {
    const tree: Tree = { entries: new Map() };
    // A root that is a link means what it leads to, as for every engine.
    const found = await stat(source).catch(() => undefined);
    if (found === undefined) {
      if (!create) throw refusal(source, "is not there");
      const made = { type: "folder" as const, mode: 0o755, uid: 0, gid: 0 };
      tree.entries.set("", made);
      return tree;
    }
    await this.#add(tree, source, source, "", found, 0);
    this.#refuseTooMuch();
    return tree;
  }

  async #add(
    tree: Tree,
    root: string,
    path: string,
    place: string,
    found: Stats,
    depth: number,
  ): Promise<void> {
    this.#count += 1;
    if (this.#count > MOST_ENTRIES || depth > MOST_DEPTH) {
      const what =
        depth > MOST_DEPTH ? `${MOST_DEPTH} levels` : `${MOST_ENTRIES} files and folders`;
      throw refusal(root, `is of more than ${what}`);
    }
    const { uid, gid } = found;
    const mode = found.mode & 0o7777;
    if (found.isFile()) {
      this.#bytes += found.size;
      this.#largest.push({ path, size: found.size });
      if (this.#bytes > this.#folder.limitBytes) return;
      const digest = await digestOf(path);
      tree.entries.set(place, { type: "file", mode, uid, gid, size: found.size, digest, at: path });
    } else if (found.isSymbolicLink()) {
      tree.entries.set(place, { type: "link", target: await readlink(path) });
    } else if (found.isDirectory()) {
      tree.entries.set(place, { type: "folder", mode, uid, gid });
      for (const name of (await readdir(path)).sort()) {
        const inner = join(path, name);
        if (this.#ignored.has(inner, root)) continue;
        const below = place === "" ? name : `${place}/${name}`;
        await this.#add(tree, root, inner, below, await lstat(inner), depth + 1);
      }
    } else throw refusal(path, "is neither a file, a folder nor a link");
  }

  #refuseTooMuch(): void {
    const { limitBytes, directory } = this.#folder;
    if (this.#bytes <= limitBytes) return;
    const largest = this.#largest.sort((a, b) => b.size - a.size).slice(0, NAMED);
    const names = largest.map(
      ({ path, size }) => `${relative(directory, path)} (${amountOf(size)})`,
    );
    const [all, most] = [amountOf(this.#bytes), amountOf(limitBytes)];
    const message = `the project's files are ${all}, more than ${most}: ${names.join(", ")}`;
    throw new FairleadError("invalid", message, {
      path: "x-fairlead.files_limit",
      hint: "Leave out what no container needs with a .fairleadignore, or raise the limit.",
    });
  }
}

function refusal(path: string, what: string): FairleadError {
  return new FairleadError("invalid", `${path} ${what}`, {
    path,
    hint: "Leave it out with a .fairleadignore, or mount another path.",
  });
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return `sha256:${hash.digest("hex")}`;
}

function filesOf(
  roots: readonly ProjectRoot[],
  trees: ReadonlyMap<string, Tree>,
  isInPlace: (path: string) => boolean,
): LocalFiles {
  const entries = new Map<string, ProjectEntry>();
  const contents = new Map<string, string>();
  const writable = roots.filter((root) => root.writable).map(({ path }) => path);
  const isKept = (path: string) =>
    writable.some((root) => path === root || path.startsWith(`${root}/`));
  for (const root of roots) {
    for (const [place, one] of trees.get(root.source)?.entries ?? []) {
      const path = place === "" ? root.path : `${root.path}/${place}`;
      const keep = isKept(path);
      if (one.type === "file") {
        const { at, ...file } = one;
        contents.set(one.digest, at);
        const inPlace = isInPlace(path) ? { inPlace: true } : {};
        entries.set(path, { ...file, path, keep, ...inPlace });
      } else entries.set(path, { ...one, path, keep });
    }
  }
  const sorted = [...entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  const digest = hashOf(sorted.map((one) => [...comparable(one), one.keep]));
  return { manifest: { digest, entries: sorted }, contents };
}

/** Files that containers go on with when they change: those of a signal, or of nothing. */
function placesToRewrite({ resources }: Stack): Set<string> {
  return new Set(
    resources.flatMap(({ host, given }) =>
      given?.onChange === "none" || given?.onChange?.startsWith("signal ")
        ? given.places.map(({ path }) => `${host} ${path}`)
        : [],
    ),
  );
}

function withDigests(given: GivenFiles, { entries }: ProjectManifest): GivenFiles {
  const digests = given.places.flatMap(({ path, writable }) => {
    const within = entries.filter((one) => one.path === path || one.path.startsWith(`${path}/`));
    const isFile = within.length === 1 && within[0]?.type === "file";
    const onChange: OnChange = given.onChange ?? (isFile || !writable ? "recreate" : "none");
    return onChange === "none"
      ? []
      : [[path, { digest: hashOf(within.map(comparable)), onChange }]];
  });
  return { ...given, digests: Object.fromEntries(digests) };
}

function hashOf(value: unknown): string {
  return `sha256:${createHash("sha256").update(JSON.stringify(value)).digest("hex")}`;
}
