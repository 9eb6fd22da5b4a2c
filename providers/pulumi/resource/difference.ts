// The differences between old and new inputs, property by property, and what each means. Pure.
import type { Property } from "../schema/property.ts";
import {
  isObject,
  opened,
  type PulumiObject,
  type PulumiValue,
  Sealed,
  sameValue,
} from "../value.ts";
import { type ProblemPath, pathText } from "./failure.ts";
import type { Difference } from "./type.ts";

/** Whether two spellings of a property mean the same. */
export type SameMeaning = (property: Property, a: PulumiValue, b: PulumiValue) => boolean;

/** Every difference of the inputs; what steers only later operations is left out of them. */
export function inputDifferences(
  properties: readonly Property[],
  olds: PulumiObject,
  news: PulumiObject,
  sameMeaning: SameMeaning,
): Difference[] {
  return properties.flatMap((property) => {
    const before = olds[property.name] ?? null;
    const after = news[property.name] ?? null;
    // How a host is reached changes nothing on it: the engine writes the new value down.
    if (property.rule === "connection") return [];
    if (sameValue(before, after)) return [];
    if (before !== null && after !== null && sameMeaning(property, before, after)) return [];
    const gone = after === null && !property.clearable && property.rule === "update";
    const replaces = property.rule === "replace" || property.rule === "refuse" || gone;
    return places(before, after, [property.name]).map(({ path, kind }) => {
      return { path: pathText(path), kind, replaces, input: true };
    });
  });
}

interface Place {
  path: ProblemPath;
  kind: Difference["kind"];
}

function places(before: PulumiValue, after: PulumiValue, path: ProblemPath): Place[] {
  if (before === null) return [{ path, kind: "add" }];
  if (after === null) return [{ path, kind: "delete" }];
  // A secret shows that it changed and nothing more.
  if (before instanceof Sealed || after instanceof Sealed) return [{ path, kind: "update" }];
  const keys = keysOf(before, after);
  if (keys === undefined) return [{ path, kind: "update" }];
  return keys.flatMap((key) => {
    const [old, now] = [before, after].map((side) => {
      return (side as Record<string | number, PulumiValue>)[key] ?? null;
    }) as [PulumiValue, PulumiValue];
    return sameValue(old, now) ? [] : places(old, now, [...path, key]);
  });
}

function keysOf(before: PulumiValue, after: PulumiValue): (string | number)[] | undefined {
  if (Array.isArray(before) && Array.isArray(after)) {
    return Array.from({ length: Math.max(before.length, after.length) }, (_, at) => at);
  }
  if (!isObject(before) || !isObject(after)) return undefined;
  return [...new Set([...Object.keys(before), ...Object.keys(after)])];
}

/** True when an old and a new value are the same text or number, whatever is sealed of them. */
export function unchanged(name: string, olds: PulumiObject, news: PulumiObject): boolean {
  return opened(olds[name] ?? null) === opened(news[name] ?? null);
}
