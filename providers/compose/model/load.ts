// Loads a project: finds its files and variables, merges and checks the files, and resolves the
// model that `config` prints and everything else works on.
import { relative } from "node:path";
import { FairleadError } from "../../../resources/model/errors.ts";
import { entry, type MapNode, stringOf } from "../document/node.ts";
import { Problems } from "../document/problem.ts";
import { model as modelShape } from "../schema/model.ts";
import { checkConsistency } from "./consistency.ts";
import { normalized } from "./defaults.ts";
import {
  absolute,
  defaultEnvFile,
  type Environment,
  extended,
  readEnvFiles,
} from "./environment.ts";
import { defaultFiles } from "./files.ts";
import { directoryOf, FileMerger } from "./merge-files.ts";
import {
  type GivenVariables,
  profilesOf,
  withFiles,
  withoutUnused,
  withProfiles,
  withServices,
} from "./project.ts";
import { projectName } from "./project-name.ts";
import { substitute, TemplateError } from "./template.ts";
import type { Model, Service } from "./types.ts";

export interface LoadOptions {
  /** Compose files in the order in which they override each other; `-` is standard input. */
  files?: readonly string[];
  /** What `-` among the files stands for; standard input when it is absent. */
  content?: string;
  projectName?: string;
  projectDirectory?: string;
  envFiles?: readonly string[];
  profiles?: readonly string[];
  /** Only these services and what they depend on. */
  services?: readonly string[];
  /** Services whose profiles are turned on, without leaving out others. */
  enabled?: readonly string[];
  /** The environment; default the process's own. */
  environment?: Readonly<Record<string, string | undefined>>;
  /** Default the process's own. */
  workingDirectory?: string;
}

/** A loaded project. */
export interface Project {
  name: string;
  /** Absolute; relative paths of the files were joined to it. */
  directory: string;
  files: string[];
  /** The active part, resolved. */
  model: Model;
  /** Variables of services that come from outside of the files: they may be secrets. */
  given: GivenVariables;
  /** Services that no active profile has. */
  disabled: Record<string, Service>;
  /** The same model as nodes, for the places where things were written. */
  tree: MapNode;
  environment: Environment;
  warnings: string[];
}

/** Loads a project; throws a ComposeError with every problem of its files at once. */
export function loadProject(options: LoadOptions = {}): Project {
  const problems = new Problems();
  const found = locate(options, problems);
  const shown = (file: string) =>
    file === "-" && options.content !== undefined
      ? "content"
      : shownPath(file, found.workingDirectory);
  const merger = new FileMerger(problems, shown, options.content);
  const name = projectName({
    given: options.projectName,
    environment: found.environment.get("COMPOSE_PROJECT_NAME"),
    files: nameInFiles(merger, found, problems),
    directory: found.directory,
  });
  const environment = new Map(found.environment).set("COMPOSE_PROJECT_NAME", name);
  const merged = merger.merged({ ...found, base: found.directory, environment, loading: [] });
  if (merged.entries.size === 0 && problems.found.length === 0) {
    problems.add(merged, [], "the Compose file is empty", "Start with services:");
  }
  const tree = normalized(merged, name, environment);
  const whole = modelShape.read(tree, [], problems) as Model;
  const resolved = resolve(
    { ...whole, services: whole.services ?? {} },
    { ...found, environment },
    options,
    tree,
    problems,
  );
  problems.raise();
  return {
    name,
    directory: found.directory,
    files: found.files,
    ...resolved,
    tree,
    environment,
    warnings: problems.warnings,
  };
}

interface Located {
  files: string[];
  directory: string;
  workingDirectory: string;
  environment: Environment;
}

/** The files, the directory and the variables, by options, environment and what lies around. */
function locate(options: LoadOptions, problems: Problems): Located {
  const workingDirectory = options.workingDirectory ?? process.cwd();
  const given = Object.entries(options.environment ?? process.env).filter(
    (pair): pair is [string, string] => pair[1] !== undefined,
  );
  let environment: Environment = extended(new Map(given), new Map([["PWD", workingDirectory]]));
  const fixed =
    options.projectDirectory === undefined
      ? undefined
      : absolute(options.projectDirectory, workingDirectory);
  const listed = (options.envFiles ?? []).length > 0 ? options.envFiles : undefined;
  const envFiles =
    listed ??
    environment
      .get("COMPOSE_ENV_FILES")
      ?.split(",")
      .filter((file) => file !== "") ??
    [];
  const addEnvFiles = (directory: string) => {
    const paths = envFiles.map((file) => absolute(file, workingDirectory));
    const chosen = paths.length > 0 ? paths : defaultEnvFile(directory, environment);
    environment = extended(environment, readEnvFiles(chosen, environment));
  };
  let files = (options.files ?? []).map((file) => place(file, workingDirectory));
  addEnvFiles(fixed ?? directoryOf(files, workingDirectory));
  if (files.length === 0) {
    const separator = environment.get("COMPOSE_PATH_SEPARATOR") || ":";
    const named = environment.get("COMPOSE_FILE")?.split(separator) ?? [];
    files = named.filter((file) => file !== "").map((file) => place(file, workingDirectory));
  }
  if (files.length === 0) {
    files = defaultFiles(fixed ?? workingDirectory, (message) => problems.warn(message));
  }
  if (files.length === 0) {
    throw new FairleadError("not_found", "no Compose file here or in a folder above", {
      hint: "Write a compose.yaml, or name one with --file.",
    });
  }
  const directory = fixed ?? directoryOf(files, workingDirectory);
  addEnvFiles(directory);
  return { files, directory, workingDirectory, environment };
}

function place(file: string, workingDirectory: string): string {
  return file === "-" ? file : absolute(file, workingDirectory);
}

function shownPath(file: string, workingDirectory: string): string {
  if (file === "-") return "standard input";
  const near = relative(workingDirectory, file);
  return near === "" || near.startsWith("../../") ? file : near;
}

/** The last `name:` of the files, with variables replaced; empty when none has one. */
function nameInFiles(merger: FileMerger, found: Located, problems: Problems): string {
  let name = "";
  for (const document of found.files.flatMap((file) => merger.documents(file) ?? [])) {
    const node = entry(document.root, "name");
    const text = stringOf(node);
    if (text === undefined) continue;
    try {
      name = substitute(text, (variable) => found.environment.get(variable)) || name;
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      problems.add(node, ["name"], error.message);
    }
  }
  return name;
}

function resolve(
  whole: Model,
  found: Located,
  options: LoadOptions,
  tree: MapNode,
  problems: Problems,
): Pick<Project, "model" | "given" | "disabled"> {
  const named = found.environment.get("COMPOSE_PROFILES")?.split(",") ?? [];
  const given = options.profiles ?? [];
  const profiles = (given.length > 0 ? given : named).map((profile) => profile.trim());
  const services = options.services ?? [];
  const active = withProfiles(whole, [
    ...profiles,
    ...profilesOf(whole, [...services, ...(options.enabled ?? [])]),
  ]);
  checkConsistency({ ...active, tree, problems });
  if (problems.found.length > 0) return { ...active, given: new Map() };
  const chosen = withoutUnused(withServices(active.model, services));
  const { model, given: variables } = withFiles(chosen, found.environment, tree, problems);
  for (const service of Object.values(model.services)) {
    // As Compose: the number of containers is in both places when both exist.
    if (service.scale !== undefined && service.deploy !== undefined) {
      service.deploy = { ...service.deploy, replicas: service.scale };
    }
  }
  return { model, given: variables, disabled: active.disabled };
}
