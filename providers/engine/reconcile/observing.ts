// What is asked of a host before a plan is made, and the answer: by the engine in one question, and
// for kinds that no engine shows by their own lifecycles.
import { isKind, kindOf } from "../../../resources/kinds/registry.ts";
import type { ObservedHost } from "../../../resources/plan/observed.ts";
import type { Placed } from "../../../resources/plan/resource.ts";
import { type ObserveRequest, observeRequest } from "../../../resources/wire.ts";
import type { EngineClient, ObserveOptions } from "../engine.ts";
import { lifecycles } from "../lifecycle/registry.ts";

/** No project has this name, so that only what is asked for is answered. */
export const NO_PROJECT = ".";

/** Names of objects, or what refers to one, by kind. */
export type Names = { [kind: string]: readonly string[] };

export interface Question {
  project: string;
  names?: Names;
}

/** What a plan for these resources needs to know of a host. */
export function questionOf(project: string, all: readonly Placed[], host: string): Question {
  const names: Record<string, Set<string>> = {};
  const add = (kind: string, name: string) => {
    names[kind] = (names[kind] ?? new Set()).add(name);
  };
  for (const { host: where, kind, object, spec } of all) {
    if (where !== host) continue;
    add(kind, object);
    // What is only mentioned must exist, unless it comes with what needs it.
    for (const need of kindOf(kind).needs(spec)) {
      if (!kindOf(need.kind).implied) add(need.kind, need.object);
    }
  }
  const lists = Object.entries(names).map(([kind, set]) => [kind, [...set]]);
  return { project, names: Object.fromEntries(lists) };
}

/** Everything asked for, and everything of the project. */
export async function observeHost(
  engine: EngineClient,
  { project, names = {} }: Question,
  options: ObserveOptions = {},
): Promise<ObservedHost> {
  const plurals = Object.keys(observeRequest.shape).filter((key) => key !== "project");
  const wanted = plurals.map((plural) => [plural, [...(names[plural.slice(0, -1)] ?? [])]]);
  const request: ObserveRequest = { project, ...Object.fromEntries(wanted) };
  const others = [...lifecycles].flatMap(([kind, { observe }]) =>
    observe ? [[kind, observe] as const] : [],
  );
  const [seen, ...more] = await Promise.all([
    engine.observe(request as Required<ObserveRequest>, options),
    ...others.map(async ([kind, observe]) => {
      const question = { project, names: names[kind] ?? [] };
      return [kind, await observe(engine, question, options.signal)] as const;
    }),
  ]);
  return more.length === 0 ? seen : { ...seen, others: Object.fromEntries(more) };
}

/** Whether it matters for a plan which drivers and runtimes that host has. */
export function namesDriver(all: readonly Placed[], host: string): boolean {
  return all.some((one) => {
    if (one.host !== host || !isKind(one.kind)) return false;
    return kindOf(one.kind).asksDrivers?.(one.spec) === true;
  });
}
