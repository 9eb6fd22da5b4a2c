// What is wrong between the resources of a stack, and between a stack and what the hosts have.
import { KINDS, kindOf } from "../kinds/registry.ts";
import { joinPath, type Problem } from "../model/problem.ts";
import type { Observed } from "../plan/observed.ts";
import {
  addressOf,
  type Declared,
  dependedOn,
  type Placed,
  pathOf,
  placeOf,
} from "../plan/resource.ts";
import type { Stack } from "./stack.ts";

/** Every problem that shows only when resources and hosts are seen together. */
export function stackProblems(
  stack: Stack,
  resolved: readonly Placed[],
  observed: Observed,
): Problem[] {
  const around = { project: stack.project, all: resolved, observed };
  return [
    ...doubleNames(resolved),
    ...dependencyProblems(stack.resources),
    ...resolved.flatMap((one) => {
      const facts = observed.get(one.host)?.facts;
      return facts ? (kindOf(one.kind).refusals?.(one, facts) ?? []) : [];
    }),
    ...KINDS.flatMap((kind) =>
      kind.problems
        ? kind.problems(
            resolved.filter((one) => one.kind === kind.kind),
            around,
          )
        : [],
    ),
  ];
}

function doubleNames(resolved: readonly Placed[]): Problem[] {
  const seen = new Map<string, Placed>();
  return resolved.flatMap((resource) => {
    const key = placeOf(resource.host, resource);
    const other = seen.get(key);
    seen.set(key, resource);
    if (!other || !kindOf(resource.kind).owned) return [];
    const message = `has the name ${resource.object} on ${resource.host}, and so has ${other.name}`;
    return [{ path: joinPath(...pathOf(resource)), message }];
  });
}

function dependencyProblems(resources: readonly Declared[]): Problem[] {
  const known = new Set(resources.map(addressOf));
  return resources.flatMap((resource) =>
    (resource.dependsOn ?? []).flatMap((dependency, at) => {
      const other = dependedOn(resource, dependency);
      const path = joinPath(...pathOf(resource), "dependsOn", at);
      if (!known.has(addressOf(other))) {
        return [{ path, message: `there is no ${other.kind} ${other.name} on ${other.host}` }];
      }
      if (kindOf(other.kind).runs) return [];
      return [{ path, message: `nothing can wait for a ${other.kind}: it does not run` }];
    }),
  );
}
