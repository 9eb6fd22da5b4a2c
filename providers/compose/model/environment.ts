// The variables of a project and of its services: env files read, merged and resolved.
import { existsSync, statSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { FairleadError } from "../../../resources/model/errors.ts";
import { printable, printableLine } from "../document/printable.ts";
import { DotenvError, parseDotenv } from "./dotenv.ts";
import { readText } from "./files.ts";
import { type Lookup, TemplateError } from "./template.ts";

export type Environment = ReadonlyMap<string, string>;

/** The variables of env files, later files winning; they may refer to each other and to `base`. */
export function readEnvFiles(paths: readonly string[], base: Environment): Map<string, string> {
  const found = new Map<string, string>();
  for (const path of paths) {
    loadEnvFile(path, found, (name) => base.get(name) ?? found.get(name));
  }
  return found;
}

/** `base` and what `added` has beyond it. */
export function extended(base: Environment, added: Environment): Map<string, string> {
  return new Map([...added, ...base]);
}

/** The `.env` file of a directory, unless it is missing or COMPOSE_DISABLE_ENV_FILE is set. */
export function defaultEnvFile(directory: string, environment: Environment): string[] {
  const disabled = environment.get("COMPOSE_DISABLE_ENV_FILE") ?? "";
  if (/^(1|t|true)$/i.test(disabled)) return [];
  const file = join(directory, ".env");
  return existsSync(file) && !statSync(file).isDirectory() ? [file] : [];
}

/** Adds the variables of one file to `into`, by the format it is in. */
export function loadEnvFile(
  path: string,
  into: Map<string, string>,
  lookup: Lookup,
  format = "",
): void {
  const text = readText(path);
  try {
    if (format === "raw") parseRaw(text, into, lookup);
    else parseDotenv(text, into, lookup);
  } catch (error) {
    if (!(error instanceof DotenvError || error instanceof TemplateError)) throw error;
    const line = error instanceof DotenvError ? `:${error.line}` : "";
    throw new FairleadError("invalid", printable(`${path}${line}: ${error.message}`), {
      path: printableLine(path),
    });
  }
}

/** The file `docker run --env-file` reads: lines of KEY=value, nothing quoted or replaced. */
function parseRaw(text: string, into: Map<string, string>, lookup: Lookup): void {
  for (const [index, rawLine] of text
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .entries()) {
    const line = rawLine.trimStart();
    if (line === "" || line.startsWith("#")) continue;
    const cut = line.indexOf("=");
    const name = cut === -1 ? line : line.slice(0, cut);
    if (name === "") throw new DotenvError("no name before =", index + 1);
    if (/[\s]/.test(name)) throw new DotenvError(`white space in the name ${name}`, index + 1);
    const value = cut === -1 ? lookup(name) : line.slice(cut + 1);
    if (value !== undefined) into.set(name, value);
  }
}

/** An absolute path for one given on the command line or in a file of `directory`. */
export function absolute(path: string, directory: string): string {
  return isAbsolute(path) ? path : resolve(directory, path);
}
