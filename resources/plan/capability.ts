// What of a declaration not every engine honours: one closed table per kind says so, and from it
// come the refusals of a plan and the table of the docs. Nothing asks for an engine by its name.
import { joinPath, type Problem } from "../model/problem.ts";
import type { DriverFacts } from "../wire.ts";
import { type EngineFacts, NO_CAPABILITIES } from "./observed.ts";
import { type Declared, pathOf } from "./resource.ts";

/** What becomes of it on an engine: honoured, refused, or honoured in another way. */
export type Ability = "yes" | { no: string; hint?: string } | { lossy: string };

/** A use of a declaration that depends on the engine. */
export interface Capability<Spec> {
  /** The field, with dots, and what of it. */
  field: string;
  use: string;
  /** Where a declaration asks for it; empty when it does not. */
  asked(spec: Spec): (string | number)[][];
  /** Whether an engine can; `spec` is absent where only the docs ask. */
  ability(facts: EngineFacts, spec?: Spec): Ability;
}

/** An engine that can do nothing that not every engine can. */
export const INCAPABLE: EngineFacts = {
  ...{ engine: "", version: "", apiVersion: "0.0", can: NO_CAPABILITIES, runtimes: {} },
  // The usual ones, without any option.
  drivers: {
    ...{ networks: [plain("bridge")], volumes: [plain("local")] },
    ...{ logs: [plain("json-file")], addresses: [plain("")] },
  },
};

function plain(name: string): DriverFacts {
  return { name, options: [] };
}

/** A problem for everything that a declaration asks for and its host's engine cannot do. */
export function capabilityProblems<Spec>(
  table: readonly Capability<Spec>[],
  resource: Declared<Spec>,
  facts: EngineFacts,
): Problem[] {
  return table.flatMap(({ asked, ability }) =>
    asked(resource.spec).flatMap((place) => {
      const answer = ability(facts, resource.spec);
      if (typeof answer === "string" || !("no" in answer)) return [];
      const { no: message, hint } = answer;
      const path = joinPath(...pathOf(resource), ...place);
      return [{ path, message, ...(hint === undefined ? {} : { hint }) }];
    }),
  );
}

/** Needs at least this version of the Engine API: older engines drop the field without a word. */
export function sinceApi(version: string): (facts: EngineFacts) => Ability {
  return ({ engine, apiVersion }) => {
    if (!isOlder(apiVersion, version)) return "yes";
    return { no: `needs engine API ${version}; ${engine} has ${apiVersion}` };
  };
}

/** Whether a host has the driver; yes where it does not say which it has. */
export function driverAbility(
  what: string,
  known: readonly DriverFacts[] | undefined,
  name: string | undefined,
): Ability {
  if (known === undefined || known.length === 0 || name === undefined) return "yes";
  if (known.some((one) => plainName(one.name) === plainName(name))) return "yes";
  const names = known.map((one) => one.name).join(", ");
  return { no: `the host has no ${what} driver ${name}; it has ${names}` };
}

/** Whether the driver takes all of the options; yes where it is not known. */
export function optionsAbility(
  what: string,
  known: readonly DriverFacts[] | undefined,
  name: string,
  options: readonly string[],
): Ability {
  const driver = known?.find((one) => plainName(one.name) === plainName(name));
  if (driver === undefined) return "yes";
  const takes = (option: string) =>
    driver.options.some((one) =>
      one.endsWith("*") ? option.startsWith(one.slice(0, -1)) : option === one,
    );
  const refused = options.filter((option) => !takes(option));
  if (refused.length === 0) return "yes";
  const all = driver.options.join(", ") || "none";
  return {
    no: `the ${what} driver ${name} of the host takes no option ${refused.join(", ")}`,
    hint: `It takes ${all}.`,
  };
}

// Docker's plugins have tags.
function plainName(name: string): string {
  return name.replace(/:latest$/, "");
}

/** Whether one version of the Engine API is older than another. */
export function isOlder(version: string, needed: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [needMajor = 0, needMinor = 0] = needed.split(".").map(Number);
  return major < needMajor || (major === needMajor && minor < needMinor);
}
