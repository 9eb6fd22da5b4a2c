// Turns the files of one project into one model: each is read, interpolated, completed by
// `extends` and `include`, merged into those before it, checked, and put into its long form.
import { dirname } from "node:path";
import { FairleadError } from "../../../resources/model/errors.ts";
import { isNull, type MapNode, map, withEntries } from "../document/node.ts";
import { type ParsedDocument, parseYaml } from "../document/parse.ts";
import type { Problems } from "../document/problem.ts";
import { model as modelShape } from "../schema/model.ts";
import { canonical } from "./canonical.ts";
import { withDefaults } from "./defaults.ts";
import type { Environment } from "./environment.ts";
import { applyExtends, type ExtendedFile } from "./extends.ts";
import { withVariableValues } from "./file-values.ts";
import { readText } from "./files.ts";
import { applyInclude, type Inclusion } from "./include.ts";
import { interpolate } from "./interpolate.ts";
import { mergeMaps } from "./merge.ts";
import { resolvePaths } from "./paths.ts";
import { withoutPaths } from "./reset.ts";
import { type Lookup, TemplateError } from "./template.ts";
import { withoutRepeats } from "./unique.ts";

/** Files that make one project, the first one the main file. */
export interface ProjectFiles {
  files: readonly string[];
  /** Absolute directory that `extends.file` and `include` are relative to. */
  directory: string;
  /** What other relative paths in the files are joined to. */
  base: string;
  environment: Environment;
  /** Files that are being loaded around these ones. */
  loading: readonly string[];
}

/** How messages name a file. */
export type ShownPath = (file: string) => string;

/** Bounds of one project, files that are included or extended several times counted each time. */
const MAX_LOADS = 2000;
const MAX_LOADED = 64 * 1024 * 1024;
const MAX_GIVEN = 64 * 1024 * 1024;

/** Loads many files, reading each at most once. */
export class FileMerger {
  readonly #problems: Problems;
  readonly #shown: ShownPath;
  readonly #content: string | undefined;
  readonly #documents = new Map<string, ParsedDocument[] | undefined>();
  readonly #extensions = new WeakMap<Environment, Map<string, ExtendedFile | undefined>>();
  readonly #sizes = new Map<string, number>();
  #loads = 0;
  #loaded = 0;
  #given = 0;

  /** `content` is what `-` stands for; standard input when it is absent. */
  constructor(problems: Problems, shown: ShownPath, content?: string) {
    this.#problems = problems;
    this.#shown = shown;
    this.#content = content;
  }

  /** The parsed documents of a file; undefined, and a problem, when it cannot be read. */
  documents(file: string): ParsedDocument[] | undefined {
    if (!this.#documents.has(file)) this.#documents.set(file, this.#read(file));
    return this.#documents.get(file);
  }

  #read(file: string): ParsedDocument[] | undefined {
    try {
      const text = file === "-" && this.#content !== undefined ? this.#content : readText(file);
      this.#sizes.set(file, text.length);
      return parseYaml(text, this.#shown(file), this.#problems);
    } catch (error) {
      if (!(error instanceof FairleadError)) throw error;
      this.#problems.add(undefined, [], error.message, error.hint);
      return undefined;
    }
  }

  /** Documents that become part of the project, as often as files ask for them, within bounds. */
  #loadedDocuments(file: string): ParsedDocument[] {
    const documents = this.documents(file) ?? [];
    this.#loads += 1;
    this.#loaded += this.#sizes.get(file) ?? 0;
    if (this.#loads <= MAX_LOADS && this.#loaded <= MAX_LOADED) return documents;
    const limit = `${MAX_LOADS} files or ${MAX_LOADED / 1024 / 1024} MB`;
    const hint = "Include or extend fewer files: each use of one counts.";
    this.#problems.add(undefined, [], `the project is made of more than ${limit}`, hint);
    return [];
  }

  /** The variables of a project; what they add to its files is bounded. */
  #lookup({ environment }: ProjectFiles): Lookup {
    return (name) => {
      const value = environment.get(name);
      this.#given += value?.length ?? 0;
      if (this.#given <= MAX_GIVEN) return value;
      throw new TemplateError(`variables add more than ${MAX_GIVEN / 1024 / 1024} MB to the files`);
    };
  }

  /** The merged model of the files, with paths joined to their base. */
  merged(project: ProjectFiles): MapNode {
    const start = { file: this.#shown(project.files[0] ?? ""), line: 1, column: 1 };
    let model = map([], start);
    for (const file of project.files) {
      for (const document of this.#loadedDocuments(file)) {
        model = this.#withDocument(model, document, file, project);
      }
    }
    const complete = resolvePaths(withDefaults(model), project.base, this.#problems);
    return withVariableValues(complete as MapNode, project.environment);
  }

  #withDocument(
    model: MapNode,
    document: ParsedDocument,
    file: string,
    project: ProjectFiles,
  ): MapNode {
    const problems = this.#problems;
    if (isNull(document.root)) return model;
    if (document.root.kind !== "map") {
      problems.add(document.root, [], "a Compose file must be a map", "Start with services:");
      return model;
    }
    const read = interpolate(document.root, this.#lookup(project), problems) as MapNode;
    const whole = applyExtends(read, document.resets, {
      file,
      directory: project.directory,
      problems,
      load: (other, base) => this.#extended(other, base, project),
    });
    const withIncluded = applyInclude(whole, {
      directory: project.directory,
      base: project.base,
      environment: project.environment,
      loading: [...project.loading, file],
      problems,
      load: (inclusion) => this.#included(inclusion, [...project.loading, file]),
    });
    const base = withoutPaths(model, document.resets) as MapNode;
    return this.#settled(mergeMaps(base, withIncluded, [], problems));
  }

  /** The model checked and in its long form. */
  #settled(merged: MapNode): MapNode {
    const checked = modelShape.check(withoutRepeats(merged), [], this.#problems) as MapNode;
    if (checked.entries.has("version")) {
      this.#problems.warn("The attribute version is obsolete and has no effect; remove it.");
    }
    const { broken: _broken, ...root } = withEntries(checked, { version: undefined });
    return withoutRepeats(canonical(root, this.#problems)) as MapNode;
  }

  #included(inclusion: Inclusion, loading: readonly string[]): MapNode {
    return this.merged({ ...inclusion, loading });
  }

  /** A file to extend services from: neither completed nor checked itself, the result is. */
  #extended(file: string, base: string, project: ProjectFiles): ExtendedFile | undefined {
    const known = this.#extensions.get(project.environment) ?? new Map();
    this.#extensions.set(project.environment, known);
    const key = JSON.stringify([file, base]);
    if (!known.has(key)) known.set(key, this.#extension(file, base, project));
    return known.get(key);
  }

  #extension(file: string, base: string, project: ProjectFiles): ExtendedFile | undefined {
    let services: MapNode | undefined;
    const resets = [];
    for (const document of this.#loadedDocuments(file)) {
      if (document.root.kind !== "map") continue;
      const read = interpolate(document.root, this.#lookup(project), this.#problems) as MapNode;
      const long = canonical(withoutRepeats(read) as MapNode, this.#problems);
      const found = (resolvePaths(long, base, this.#problems) as MapNode).entries.get("services");
      if (found?.kind !== "map") continue;
      const before = services === undefined ? undefined : withoutPaths(services, document.resets);
      services =
        before?.kind === "map" ? mergeMaps(before, found, ["services"], this.#problems) : found;
      resets.push(...document.resets);
    }
    return services === undefined ? undefined : { services, resets };
  }
}

/** The directory of a project's main file; the current one for standard input. */
export function directoryOf(files: readonly string[], otherwise: string): string {
  const main = files.find((file) => file !== "-");
  return main === undefined ? otherwise : dirname(main);
}
