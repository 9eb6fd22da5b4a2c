// What tells one build of an image from another: the label that the image bears, and the words for
// what has changed since. Pure.
import * as z from "zod";

/** The label of a built image with what it was built from. */
export const BUILD_LABEL = "dev.fairlead.build";

/** What a build depends on, part by part, as digests. */
export interface BuildParts {
  /** Of the files of its context. */
  context: string;
  dockerfile: string;
  /** By name; a value is not to be guessed from them by looking. */
  args: Record<string, string>;
  /** Of further contexts, by name. */
  contexts: Record<string, string>;
  /** Everything else of its declaration. */
  settings: string;
}

const digests = z.record(z.string(), z.string());
const labelled = z.object({
  version: z.literal(1),
  context: z.string(),
  dockerfile: z.string(),
  args: digests,
  contexts: digests,
  settings: z.string(),
});

/** The label's text: equal for builds that would give the same. */
export function buildLabel(parts: BuildParts): string {
  const sorted = (one: Record<string, string>) => Object.fromEntries(Object.entries(one).sort());
  const { context, dockerfile, settings } = parts;
  const maps = { args: sorted(parts.args), contexts: sorted(parts.contexts) };
  return JSON.stringify({ version: 1, context, dockerfile, ...maps, settings });
}

/** What an image was built from; undefined when its label does not say. */
export function labelledParts(label: string | undefined): BuildParts | undefined {
  try {
    return labelled.safeParse(JSON.parse(label ?? "")).data;
  } catch {
    return undefined;
  }
}

const NAMED = 3;

/** In words, what differs; `files` are those of the context that changed, where that is known. */
export function buildCause(
  before: BuildParts | undefined,
  now: BuildParts,
  files: readonly string[],
): string {
  if (before === undefined) return "was not built from here";
  const moved = (one: Record<string, string>, other: Record<string, string>) =>
    [...new Set([...Object.keys(one), ...Object.keys(other)])].filter(
      (name) => one[name] !== other[name],
    );
  const args = moved(before.args, now.args).map((name) => `argument ${name}`);
  const contexts = moved(before.contexts, now.contexts).map((name) => `context ${name}`);
  const hasFile = files.length > 0 || before.context !== now.context;
  const all = [
    ...(before.context === now.context ? [] : files.length > 0 ? files : ["files of its context"]),
    ...(before.dockerfile === now.dockerfile || (hasFile && files.some(isDockerfile))
      ? []
      : ["its Dockerfile"]),
    ...[...args, ...contexts],
    ...(before.settings === now.settings ? [] : ["how it is built"]),
  ];
  const more = all.length - NAMED;
  return `${all.slice(0, NAMED).join(", ")}${more > 0 ? ` and ${more} more` : ""} changed`;
}

function isDockerfile(file: string): boolean {
  return /(^|\/|\.)dockerfile(\.[^/]*)?$/i.test(file) && !file.endsWith(".dockerignore");
}
