// Whether a host can do what a container declares: by itself, and by the runtime that is named.

import { joinPath, type Problem } from "../../../model/problem.ts";
import type { EngineFacts } from "../../../plan/observed.ts";
import { type Declared, pathOf } from "../../../plan/resource.ts";
import type { DriverLimit } from "../../../wire.ts";
import type { ContainerSpec } from "../container.ts";

/** What stands against running this container there; nothing where the host does not say. */
export function runtimeProblems(
  resource: Declared<ContainerSpec>,
  { runtimes, cannot = [] }: EngineFacts,
): Problem[] {
  const { runtime } = resource.spec;
  const at = (field: string) => joinPath(...pathOf(resource), ...field.split("."));
  const against = (limits: DriverLimit[], who: string) =>
    limits
      .filter((limit) => asksFor(resource.spec, limit))
      .map(({ field, why }) => ({ path: at(field), message: `not ${who}: ${why}` }));
  const problems = against(cannot, "on this host");
  if (runtime === undefined || runtimes === undefined) return problems;
  if (!Object.hasOwn(runtimes, runtime)) {
    const names = Object.keys(runtimes).join(", ") || "none";
    const message = `the host has no runtime ${runtime}; it has ${names}`;
    return [...problems, { path: at("runtime"), message }];
  }
  return [...problems, ...against(runtimes[runtime]!.cannot, `with runtime ${runtime}`)];
}

const NOTHING: unknown[] = [undefined, null, false, 0, -1];

function asksFor(spec: ContainerSpec, { field, values }: DriverLimit): boolean {
  return valuesAt(spec, field.split(".")).some((value) => {
    if (values !== undefined) return value !== undefined && values.includes(String(value));
    return !NOTHING.includes(value);
  });
}

function valuesAt(value: unknown, path: readonly string[]): unknown[] {
  if (Array.isArray(value)) return value.flatMap((item) => valuesAt(item, path));
  const [key, ...rest] = path;
  if (key === undefined) return [value];
  if (typeof value !== "object" || value === null) return [];
  return valuesAt((value as Record<string, unknown>)[key], rest);
}
