// Whether a host has the runtime that a container names, and whether that can do what is declared.
import type { ContainerSpec } from "./container.ts";
import type { EngineFacts } from "./observed.ts";
import { joinPath, type Problem } from "./problem.ts";
import { pathOf, type Resource } from "./stack.ts";
import type { DriverLimit } from "./wire.ts";

/** What stands against running this container there; nothing where the host does not say. */
export function runtimeProblems(
  resource: Resource & { spec: ContainerSpec },
  facts: EngineFacts,
): Problem[] {
  const { runtime } = resource.spec;
  if (runtime === undefined || facts.runtimes === undefined) return [];
  const at = (field: string) => joinPath(...pathOf(resource), ...field.split("."));
  if (!Object.hasOwn(facts.runtimes, runtime)) {
    const names = Object.keys(facts.runtimes).join(", ") || "none";
    return [
      { path: at("runtime"), message: `the host has no runtime ${runtime}; it has ${names}` },
    ];
  }
  return facts.runtimes[runtime]!.cannot.filter((limit) => asksFor(resource.spec, limit)).map(
    ({ field, why }) => ({ path: at(field), message: `not with runtime ${runtime}: ${why}` }),
  );
}

function asksFor(spec: ContainerSpec, { field, values }: DriverLimit): boolean {
  return valuesAt(spec, field.split(".")).some((value) => {
    if (value === undefined || value === null || value === false) return false;
    return values === undefined || values.includes(String(value));
  });
}

function valuesAt(value: unknown, path: readonly string[]): unknown[] {
  if (Array.isArray(value)) return value.flatMap((item) => valuesAt(item, path));
  const [key, ...rest] = path;
  if (key === undefined) return [value];
  if (typeof value !== "object" || value === null) return [];
  return valuesAt((value as Record<string, unknown>)[key], rest);
}
