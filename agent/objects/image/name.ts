// What users type for an image, and the full names that it means. Pure.
import { FairleadError } from "../../../resources/model/errors.ts";
import { formatReference, parseReference } from "../../../resources/model/reference.ts";

/** The full name of a tag that a user gives to an image; `invalid` with a digest. */
export function tagName(text: string): string {
  const { domain, path, tag = "latest", digest } = parseReference(text);
  if (digest !== undefined) {
    throw new FairleadError("invalid", "refusing to create a tag with a digest reference");
  }
  return formatReference({ domain, path, tag });
}

/** Clients look for Docker's words, which name the tag that was meant. */
function asTyped(reference: string): string {
  return isBareName(reference) && /^[a-z0-9]/.test(reference) ? `${reference}:latest` : reference;
}

/** Why there is no image of a reference: `not_found`, or `invalid` where none can be. */
export function missingImage(reference: string): FairleadError {
  const shown = reference.slice(0, 300);
  if (!/^(sha256:)?[a-f0-9]{1,64}$/.test(reference)) {
    try {
      parseReference(reference);
    } catch (cause) {
      const why = /[A-Z]/.test(reference.split(/[:@]/)[0] ?? "") ? ": must be lowercase" : "";
      return new FairleadError("invalid", `invalid reference format${why}`, { cause });
    }
  }
  return new FairleadError("not_found", `No such image: ${asTyped(shown)}`);
}

/** Whether a text is a name without tag and digest. */
export function isBareName(text: string): boolean {
  return !/[:@][^/]*$/.test(text) && !/^[a-f0-9]{64}$/.test(text);
}
