// Whose an object is: the labels dev.fairlead.* and what they say. Pure.
import { canonicalJson, fingerprint, type NormalSpec, SPEC_VERSION } from "../model/canonical.ts";
import type { Printable } from "../model/change.ts";
import { hashContent } from "../model/secret.ts";
import { PROJECT_LABEL } from "../wire.ts";

const NAME_LABEL = "dev.fairlead.name";
export const SPEC_LABEL = "dev.fairlead.spec";
const VERSION_LABEL = "dev.fairlead.version";
/** When, by whom and in which run a container was made. */
export const MADE_LABEL = "dev.fairlead.made";

/** When, by whom and in which run it was last changed in place. */
export const CHANGED_LABEL = "dev.fairlead.changed";

type Labels = Readonly<Record<string, string>> | null | undefined;

/** The labels that mark an object as this resource, with the spec it was made from. */
export function ownershipLabels(
  project: string,
  name: string,
  spec: NormalSpec,
): Record<string, string> {
  return {
    [PROJECT_LABEL]: project,
    [NAME_LABEL]: name,
    [SPEC_LABEL]: canonicalJson(fingerprint(spec, saltOf(project, name))),
    [VERSION_LABEL]: SPEC_VERSION,
  };
}

/** Which state of an object a plan was made from; undefined for what fairlead has not applied. */
export function revisionOf(labels: Labels): string | undefined {
  const text = labels?.[SPEC_LABEL];
  return text === undefined ? undefined : hashContent(`${text} ${labels?.[CHANGED_LABEL] ?? ""}`);
}

/** The salt under which secrets of a resource are hashed. */
export function saltOf(project: string, name: string): string {
  return `${project}/${name}`;
}

/** Project and resource name of an object that fairlead made or adopted. */
export function ownerOf(labels: Labels): { project: string; name: string } | undefined {
  const project = labels?.[PROJECT_LABEL];
  const name = labels?.[NAME_LABEL];
  return project && name ? { project, name } : undefined;
}

/**
 * The labels of a container without those of ours that only its image gave it, as after a commit of
 * one that we made: what makes a container ours was said at its creation.
 */
export function withoutInherited(labels: Labels, ofImage: Labels): Record<string, string> {
  const own = labels ?? {};
  const isSame = (key: string) => own[key] === ofImage?.[key];
  if (![MADE_LABEL, SPEC_LABEL].every(isSame)) return { ...own };
  const entries = Object.entries(own);
  return Object.fromEntries(
    entries.filter(([key]) => !key.startsWith("dev.fairlead.") || !isSame(key)),
  );
}

/** The spec that was applied last; empty when there is none that can be read. */
export function lastApplied(labels: Labels): Record<string, Printable> {
  const text = labels?.[SPEC_LABEL];
  if (text === undefined || labels?.[VERSION_LABEL] !== SPEC_VERSION) return {};
  try {
    const value: unknown = JSON.parse(text);
    const keyed = typeof value === "object" && value !== null && !Array.isArray(value);
    return keyed ? (value as Record<string, Printable>) : {};
  } catch {
    // A label that someone edited says nothing; the observed object still does.
    return {};
  }
}

/** The labels without fairlead's own. */
export function userLabels(labels: Labels): Record<string, string> {
  const entries = Object.entries(labels ?? {});
  return Object.fromEntries(entries.filter(([key]) => !key.startsWith("dev.fairlead.")));
}
