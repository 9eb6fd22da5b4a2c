// What the test engine derives from a registration. Pure.
import type { RegisterRequest } from "../../../../providers/pulumi/component/messages.ts";
import { pathParts } from "../../../../providers/pulumi/resource/failure.ts";
import type { PulumiObject, PulumiValue } from "../../../../providers/pulumi/value.ts";
import { decode, type Of } from "../../../../providers/rpc/protobuf.ts";
import { Alias } from "./messages.ts";
import type { Options } from "./outcome.ts";

export type Registration = Of<typeof RegisterRequest>;

export function nameOf(urn: string): string {
  return urn.split("::").at(-1)!;
}

/** The URN of a registration, with the types of its parents. */
export function urnOf(type: string, name: string, parent: string): string {
  const above = parent.split("::")[2] ?? "";
  const qualified = above === "" || above === "pulumi:pulumi:Stack" ? type : `${above}$${type}`;
  return `urn:pulumi:test::lab::${qualified}::${name}`;
}

/** Every URN that the resource had before, as its options say. */
export function formerUrns({ type, name, parent, aliases }: Registration): string[] {
  return aliases.map((bytes) => {
    const { urn, spec } = decode(Alias, bytes);
    if (urn !== undefined) return urn;
    const above = spec?.noParent ? "" : (spec?.parentUrn ?? parent);
    return urnOf(spec?.type || type, spec?.name || name, above);
  });
}

export function optionsOf(request: Registration): Options {
  const sources = Object.entries(request.propertyDependencies);
  return {
    ...{ retain: request.retainOnDelete === true, protect: request.protect === true },
    ...{ deletedWith: request.deletedWith, provider: request.provider },
    deleteSeconds: secondsOf(request.customTimeouts?.delete),
    sources: Object.fromEntries(sources.map(([key, one]) => [key, one?.urns ?? []])),
  };
}

export function secondsOf(text: string | undefined): number {
  const parts = [...(text ?? "").matchAll(/(\d+(?:\.\d+)?)(h|m|s)/g)];
  const unit = { h: 3600, m: 60, s: 1 } as const;
  return parts.reduce((sum, [, n, u]) => sum + Number(n) * unit[u as "s"], 0);
}

/** The new inputs with the old ones at ignored paths, as the engine does before Diff. */
export function withIgnored(news: PulumiObject, olds: PulumiObject, paths: string[]): PulumiObject {
  const result = structuredCopy(news) as PulumiObject;
  for (const path of paths) {
    const parts = pathParts(path);
    const last = parts.pop()!;
    let from: PulumiValue | undefined = olds;
    let to: PulumiValue | undefined = result;
    for (const part of parts) {
      from = (from as PulumiObject | undefined)?.[part];
      to = (to as PulumiObject | undefined)?.[part];
    }
    const old = (from as PulumiObject | undefined)?.[last];
    if (typeof to !== "object" || to === null) continue;
    if (old === undefined) delete (to as PulumiObject)[last];
    else (to as PulumiObject)[last] = old;
  }
  return result;
}

/** Whether a changed path is one of those, or inside one. */
export function isUnder(path: string, tops: readonly string[]): boolean {
  return tops.some((top) => {
    if (top === "*" || path === top) return true;
    return path.startsWith(top) && /[.[]/.test(path.charAt(top.length));
  });
}

// Only plain objects and lists are copied; seals and unknowns are values.
function structuredCopy(value: PulumiValue): PulumiValue {
  if (Array.isArray(value)) return value.map(structuredCopy);
  if (typeof value !== "object" || value === null || value.constructor !== Object) return value;
  const entries = Object.entries(value as PulumiObject);
  return Object.fromEntries(entries.map(([key, one]) => [key, structuredCopy(one)]));
}
