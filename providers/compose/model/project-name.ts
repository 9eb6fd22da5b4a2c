// The name of a project: given, from the environment, from the file, or from its directory.
import { basename } from "node:path";
import { FairleadError } from "../../../resources/model/errors.ts";

const FORM = /^[a-z0-9][a-z0-9_-]*$/;

/** The characters of a name that a project name may have; empty when none is left. */
function normalizedName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, "")
    .replace(/^[_-]+/, "");
}

/**
 * The project's name. A given one must be valid; one from a file or a directory is made so.
 * Throws `invalid` for a bad name, or when nothing gives one.
 */
export function projectName(from: {
  given: string | undefined;
  environment: string | undefined;
  files: string;
  directory: string;
}): string {
  const explicit = from.given || from.environment;
  if (explicit) {
    if (FORM.test(explicit)) return explicit;
    throw new FairleadError("invalid", `invalid project name ${JSON.stringify(explicit)}`, {
      path: "name",
      hint: "Use lower-case letters, digits, hyphens and underscores, a letter or digit first.",
    });
  }
  const name = normalizedName(from.files || basename(from.directory));
  if (name !== "") return name;
  throw new FairleadError("invalid", "the project has no name", {
    path: "name",
    hint: "Give one with --project-name or name: in the file.",
  });
}
