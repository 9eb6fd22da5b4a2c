// The Check of what lives on a host: everything that is wrong with its path, a name when none is
// given, secrets sealed. Pure; keeps the shape that the user wrote.

import { type Kind, kindOf } from "../../../resources/kinds/registry.ts";
import { formAt, typeOf } from "../../../resources/kinds/shape.ts";
import { inspect } from "../../../resources/model/schema.ts";
import { OBJECTS } from "../schema/catalog.ts";
import type { Property } from "../schema/property.ts";
import { withProxies } from "../settings.ts";
import {
  hasUnknown,
  isObject,
  opened,
  type PulumiObject,
  type PulumiValue,
  Sealed,
  sealed,
  UNKNOWN,
} from "../value.ts";
import { fieldsOf, inputPath } from "./declaration.ts";
import { type Failure, pathParts, pathText } from "./failure.ts";
import { generatedName, lastingName, partsOf } from "./identity.ts";
import type { CheckCall } from "./type.ts";

/** Inputs whose names were generated say so here, as bridged providers do. */
export const DEFAULTS = "__defaults";

/** The checked inputs, or all failures. */
export function checkObject(
  kind: Kind,
  call: CheckCall,
): { inputs: PulumiObject; failures: Failure[] } {
  const given = Object.fromEntries(
    Object.entries(call.news).filter(([name, one]) => one !== null && name !== DEFAULTS),
  );
  const failures = [...ownFailures(kind, given), ...declaredFailures(kind, given)];
  const inputs = resealed(OBJECTS[kind].inputs, given);
  if (kindOf(kind).owned && given.name === undefined) {
    if (call.mustBeNamed && call.proposedName === "") {
      failures.push({ property: "name", reason: "is required: generated names are turned off" });
    } else {
      inputs.name = nameOf(kind, call);
      inputs[DEFAULTS] = ["name"];
    }
  }
  return { inputs, failures };
}

/** Whether the name was not chosen by the user. */
export function isGenerated(inputs: PulumiObject): boolean {
  const names = inputs[DEFAULTS];
  return Array.isArray(names) && names.includes("name");
}

/** The inputs with everything sealed that always is. */
export function resealed(properties: readonly Property[], inputs: PulumiObject): PulumiObject {
  const secret = new Set(properties.filter((one) => one.secret).map(({ name }) => name));
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => {
      return [name, secret.has(name) ? sealedOnce(value) : value];
    }),
  );
}

// A seal round what is unknown must stay unknown for the engine.
function sealedOnce(value: PulumiValue): PulumiValue {
  if (value instanceof Sealed) return value;
  return value === UNKNOWN ? value : sealed(opened(value));
}

function nameOf(kind: Kind, call: CheckCall): PulumiValue {
  const { olds, urn, proposedName, randomSeed } = call;
  const before = opened(olds.name ?? null);
  if (typeof before === "string" && isGenerated(olds)) return before;
  if (proposedName !== "") return proposedName;
  const { project, name } = partsOf(urn);
  return kindOf(kind).holdsData ? lastingName(project, name) : generatedName(name, randomSeed);
}

function ownFailures(kind: Kind, inputs: PulumiObject): Failure[] {
  const failures: Failure[] = [];
  const { host, connection } = inputs;
  const address = opened(host ?? null);
  if (host === undefined) failures.push({ property: "host", reason: "is required" });
  else if (!hasUnknown(host) && (typeof address !== "string" || address === "")) {
    failures.push({ property: "host", reason: "must be the id of a Host, or an address" });
  }
  for (const name of ["adopt", "removeData", "deleteUnreachable"]) {
    const value = opened(inputs[name] ?? null);
    const known = OBJECTS[kind].inputs.some((one) => one.name === name);
    if (value === null || hasUnknown(value)) continue;
    if (!known) failures.push({ property: name, reason: "there is no such field" });
    else if (typeof value !== "boolean")
      failures.push({ property: name, reason: "must be a bool" });
  }
  if (connection !== undefined) failures.push(...connectionFailures(connection));
  return failures;
}

/** What is wrong with a connection as far as it is known. */
export function connectionFailures(connection: PulumiValue): Failure[] {
  const plain = opened(connection);
  if (plain === UNKNOWN) return [];
  if (!isObject(plain)) return [{ property: "connection", reason: "must be an object" }];
  const given = Object.entries(withProxies(plain));
  const known = given.filter(([, one]) => one !== null && !hasUnknown(one));
  const bare = known.filter(([name, one]) => {
    return typeof one === "number" && formAt("host", name) === "duration";
  });
  const { problems } = inspect(typeOf("host"), Object.fromEntries(known), ["connection"]);
  // The only jump host may be written without a list round it.
  const isWritten = (_: unknown, at: number, [, field]: readonly unknown[]) => {
    return field !== "proxy" || at !== 2 || !isObject(plain.proxy);
  };
  const open = new Set(Object.keys(plain).filter((key) => hasUnknown(plain[key])));
  const found = problems
    .map(({ path, message }) => ({ parts: pathParts(path), reason: message }))
    .filter(({ parts }) => !open.has(String(parts[1])))
    .map(({ parts, reason }) => ({ property: pathText(parts.filter(isWritten)), reason }));
  // Other providers count seconds here: a number would be taken for what it is not.
  const unclear = bare.map(([name, one]) => {
    return { property: `connection.${name}`, reason: `must have a unit, as in ${one}s` };
  });
  return [...found, ...unclear];
}

function declaredFailures(kind: Kind, inputs: PulumiObject): Failure[] {
  const fields = fieldsOf(kind, inputs);
  const open = Object.values(inputs).some(hasUnknown);
  const { problems } = inspect(typeOf(kind), fields);
  return (
    problems
      .map(({ path, message }) => ({ parts: pathParts(path), reason: message }))
      // What depends on a value that is not known yet is checked when it is.
      .filter(({ parts }) => !open || Object.hasOwn(fields, String(parts[0])))
      .map(({ parts, reason }) => ({ property: pathText(inputPath(parts, inputs)), reason }))
  );
}
