// What the resources on a host show beside their fields, as Terraform's attributes.
import { type Kind, kindOf, type SeenOf } from "../../../resources/kinds/registry.ts";
import { factsOf } from "../../engine/single/definition.ts";
import { type Attribute, computed, snakeCase } from "../schema/attribute.ts";
import type { TerraformObject } from "../schema/translate.ts";

const TYPES = {
  text: { kind: "string" },
  textMap: { kind: "map", of: { kind: "string" } },
} as const;

/** What a host shows of an object, as computed attributes. */
export function shownAttributes(kind: Kind): Attribute[] {
  return kindOf(kind).facts.flatMap(({ name, doc, type, changes, with: fields }) => {
    if (type === "port") return [];
    const more = { type: TYPES[type], changes, with: fields?.map(snakeCase) };
    return [computed(snakeCase(name), doc, more)];
  });
}

/** How the object was made anew last, when it can be without being destroyed first. */
export function replacementAttribute(kind: Kind): Attribute[] {
  if (!kindOf(kind).replaces) return [];
  const doc = `How a change makes the ${kind} anew in its place, and why; empty when it does not.`;
  return [computed(REPLACEMENT, doc)];
}

export const REPLACEMENT = "replacement";

/** The computed attributes of what is on the host. */
export function shown<K extends Kind>(kind: K, seen: SeenOf<K>): TerraformObject {
  const facts = Object.entries(factsOf(kind, seen)).map(([name, fact]) => [snakeCase(name), fact]);
  const known = new Map(facts as [string, TerraformObject[string]][]);
  const values = shownAttributes(kind).map(({ name }) => [name, known.get(name) || null]);
  return Object.fromEntries(values);
}

/** The id by which an object of this state is found when its name has changed. */
export function idIn(kind: Kind, state: TerraformObject): string | undefined {
  const fact = kindOf(kind).facts.find(({ isId }) => isId);
  const id = fact && state[snakeCase(fact.name)];
  return typeof id === "string" ? id : undefined;
}

/** Whether an object with these attributes needs work although its fields are as declared. */
export function unwell(kind: Kind, state: TerraformObject): boolean {
  const { well } = kindOf(kind);
  return well !== undefined && typeof state.status === "string" && !well.has(state.status);
}
