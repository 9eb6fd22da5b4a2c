// From Pulumi's inputs to what resources are declared with, and back. Pure.

import type { Kind } from "../../../resources/kinds/registry.ts";
import { Secret } from "../../../resources/model/secret.ts";
import { formatBytes, formatDuration } from "../../../resources/model/units.ts";
import { withNames } from "../../engine/single/names.ts";
import { asDeclared, asSaid } from "../schema/adapted.ts";
import { OBJECTS } from "../schema/catalog.ts";
import type { Property, PropertyType } from "../schema/property.ts";
import {
  hasUnknown,
  isObject,
  opened,
  type PulumiObject,
  type PulumiValue,
  Sealed,
} from "../value.ts";
import type { ProblemPath } from "./failure.ts";

const PULUMI_ONLY = new Set([
  ...["host", "connection", "adopt", "removeData", "deleteUnreachable"],
]);

/**
 * The declared fields of inputs, without those that are not known yet. Ids of objects on this host
 * become their names; `isHost` refuses those of another host.
 */
export function fieldsOf(
  kind: Kind,
  inputs: PulumiObject,
  isHost?: (id: string) => boolean,
): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(inputs)) {
    if (PULUMI_ONLY.has(name) || name.startsWith("__") || value === null) continue;
    if (hasUnknown(value)) continue;
    const known = OBJECTS[kind].inputs.find((one) => one.name === name);
    const plain = asField(value, known?.mayBeSecret === true, false);
    fields[name] = asDeclared(kind, name, plain);
  }
  const host = opened(inputs.host ?? null);
  if (typeof host !== "string" || hasUnknown(host)) return fields;
  return withNames(kind, fields, host, isHost);
}

/** Where a problem of a declared field is in the inputs. */
export function inputPath(path: ProblemPath, inputs: PulumiObject): ProblemPath {
  const [first, name, ...rest] = path;
  if (first !== "networks" || !Array.isArray(opened(inputs.networks ?? null))) return path;
  const list = opened(inputs.networks ?? null) as PulumiValue[];
  const at = list.findIndex((one) => isObject(one) && one.network === name);
  return at < 0 ? path : [first, at, ...rest];
}

/** A declared field in normal form as a Pulumi program would write it. */
export function inputOf(kind: Kind, property: Property, value: unknown): PulumiValue {
  return programValue(property.type, asSaid(kind, property.name, value));
}

function asField(value: PulumiValue, mayBeSecret: boolean, under: boolean): unknown {
  if (value instanceof Sealed) return asField(value.value, mayBeSecret, true);
  if (Array.isArray(value)) return value.map((one) => asField(one, mayBeSecret, under));
  if (!isObject(value)) return mayBeSecret && under && isScalar(value) ? secretOf(value) : value;
  const entries = Object.entries(value).filter(([, one]) => one !== null);
  return Object.fromEntries(
    // Of a file only the content is secret; where it goes is no secret to the engine.
    entries.map(([key, one]) => [key, asField(one, mayBeSecret && keeps(value, key), under)]),
  );
}

function keeps(value: PulumiObject, key: string): boolean {
  return !("target" in value) || key === "content";
}

function isScalar(value: PulumiValue): value is string | number | boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function secretOf(value: string | number | boolean): Secret {
  return new Secret(String(value));
}

/** A value in normal form as a program would write it. */
export function programValue(type: PropertyType, value: unknown): PulumiValue {
  if (value === undefined || value === null) return null;
  if (value instanceof Secret) return new Sealed(value.reveal());
  switch (type.kind) {
    case "string":
      return textOf(type.form, value);
    case "integer":
    case "number":
      return Number(value);
    case "bool":
      return Boolean(value);
    case "list":
    case "oneOrMore":
      return (value as unknown[]).map((one) => programValue(type.of, one));
    case "map": {
      const entries = Object.entries(value as object);
      return Object.fromEntries(entries.map(([key, one]) => [key, programValue(type.of, one)]));
    }
    default:
      return typeof value === "string" ? value : object(type.properties, value as object);
  }
}

function object(properties: readonly Property[], value: object): PulumiObject {
  const given = value as Record<string, unknown>;
  const known = properties.filter(({ name }) => given[name] !== undefined && given[name] !== null);
  return Object.fromEntries(
    known.map((one) => [one.name, programValue(one.type, given[one.name])]),
  );
}

function textOf(form: string | undefined, value: unknown): string {
  if (typeof value !== "number") return String(value);
  if (form === "bytes") return value < 0 ? String(value) : formatBytes(value);
  return form === "duration" ? formatDuration(value) : String(value);
}
