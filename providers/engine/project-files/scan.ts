// Reads the project's folder on this machine: what of it the containers of each host are given, by
// content. Reads only.
import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { join } from "node:path";
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
import { IgnoreFile, ignoreText } from "./ignore.ts";
import { type Budget, budgetOf, largestOf, readTree, type Tree } from "./tree.ts";

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

/** Which files are left out: by .fairleadignore, else by .dockerignore. */
class Ignored {
  readonly #file: IgnoreFile;
  /** A .dockerignore is about images: what is mounted by name is meant, whatever it says. */
  readonly #isStrict: boolean;

  private constructor(file: IgnoreFile, isStrict: boolean) {
    this.#file = file;
    this.#isStrict = isStrict;
  }

  static async of(directory: string): Promise<Ignored> {
    const own = await ignoreText(join(directory, ".fairleadignore"));
    const text = own ?? (await ignoreText(join(directory, ".dockerignore")));
    return new Ignored(new IgnoreFile(directory, text), own !== undefined);
  }

  has(path: string, root: string): boolean {
    return this.#file.leavesOut(path) && (this.#isStrict || !this.#file.leavesOut(root));
  }

  mayHold(): boolean {
    return this.#file.mayHold();
  }
}

class Scan {
  readonly #folder: ProjectFolder;
  readonly #ignored: Ignored;
  readonly #budget: Budget;

  constructor(folder: ProjectFolder, ignored: Ignored) {
    this.#folder = folder;
    this.#ignored = ignored;
    this.#budget = budgetOf(folder.limitBytes, MOST_ENTRIES);
  }

  async tree(source: string, create: boolean): Promise<Tree> {
    // A root that is a link means what it leads to, as for every engine.
    const found = await stat(source).catch(() => undefined);
    if (found === undefined) {
      if (!create) refuse(source, "is not there");
      const made = { type: "folder" as const, mode: 0o755, uid: 0, gid: 0 };
      return { entries: new Map([["", made]]) };
    }
    const tree = await readTree(source, found, {
      budget: this.#budget,
      isLeftOut: (path) => this.#ignored.has(path, source),
      mayHold: () => this.#ignored.mayHold(),
      refuse,
    });
    this.#refuseTooMuch();
    return tree;
  }

  #refuseTooMuch(): void {
    const { limitBytes, directory } = this.#folder;
    const { bytes } = this.#budget;
    if (bytes <= limitBytes) return;
    const [all, most] = [amountOf(bytes), amountOf(limitBytes)];
    const names = largestOf(this.#budget, directory);
    throw new FairleadError(
      "invalid",
      `the project's files are ${all}, more than ${most}: ${names}`,
      {
        path: "x-fairlead.files_limit",
        hint: "Leave out what no container needs with a .fairleadignore, or raise the limit.",
      },
    );
  }
}

function refuse(path: string, what: string): never {
  throw new FairleadError("invalid", `${path} ${what}`, {
    path,
    hint: "Leave it out with a .fairleadignore, or mount another path.",
  });
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
        const { at, modified: _, ...file } = one;
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
