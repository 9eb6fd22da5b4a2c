// What a ComposeStack is given, as what reads Compose files wants it: what is not known yet is
// marked, and what is secret is found again in the resources. Pure.

import type { HostInput } from "../../../resources/kinds/host/host.ts";
import type { Hosting } from "../../compose/resources.ts";
import {
  hasSecret,
  hasUnknown,
  isObject,
  opened,
  type PulumiObject,
  type PulumiValue,
  Sealed,
  sealed,
  UNKNOWN,
} from "../value.ts";

/** A word that stands for a variable that is not known yet. */
const MARK = "fairlead-unknown-";
const SHORTEST = 4;

export interface Variables {
  environment: Record<string, string>;
  /** The value with seals and unknowns in place of what came of such variables. */
  traced(value: PulumiValue): PulumiValue;
  hasUnknown: boolean;
}

/** The variables for a file, and how to find what became of the secret and the unknown ones. */
export function variablesOf(given: PulumiValue | undefined): Variables {
  const environment: Record<string, string> = {};
  const secrets: string[] = [];
  const marks: string[] = [];
  const isSecret = given instanceof Sealed;
  const values = given instanceof Sealed ? given.value : (given ?? {});
  for (const [name, value] of Object.entries(isObject(values) ? values : {})) {
    if (hasUnknown(value)) {
      marks.push(`${MARK}${marks.length}-`);
      environment[name] = marks.at(-1)!;
      continue;
    }
    const text = String(opened(value) ?? "");
    environment[name] = text;
    if ((isSecret || hasSecret(value)) && text !== "") secrets.push(text);
  }
  const found = (text: string): PulumiValue => {
    if (marks.some((mark) => text.includes(mark))) return UNKNOWN;
    // Short ones are words that occur anyway, unless there is nothing else.
    const tells = (one: string) => (one.length < SHORTEST ? text === one : text.includes(one));
    return secrets.some(tells) ? sealed(text) : text;
  };
  const traced = (value: PulumiValue): PulumiValue => {
    if (typeof value === "string") return found(value);
    if (value instanceof Sealed) {
      const inner = traced(opened(value));
      return hasUnknown(inner) ? UNKNOWN : sealed(opened(inner));
    }
    if (Array.isArray(value)) return value.map(traced);
    if (!isObject(value)) return value;
    const entries = Object.entries(value).map(([key, one]) => [key, traced(one)]);
    return Object.fromEntries(entries);
  };
  return { environment, traced, hasUnknown: marks.length > 0 };
}

/** Where the containers go, as far as names matter; how hosts are reached stays with Pulumi. */
export function hostingOf({ host, hosts }: PulumiObject): Hosting | undefined {
  if (host !== undefined) return { host: stand(host) };
  const given = opened(hosts ?? null);
  if (!isObject(given)) return undefined;
  const entries = Object.entries(given).map(([name, one]) => [name, stand(one)]);
  return { hosts: Object.fromEntries(entries) };
}

// Only whether it is this machine matters to a translation.
function stand(host: PulumiValue): HostInput {
  return opened(host) === "local" ? "local" : { host: "host" };
}
