// From Terraform's objects to what resources are declared with, and back. Knows attributes only.
import { formatBytes, formatDuration } from "../../../resources/model/units.ts";
import { Unknown, type Value } from "../protocol/value.ts";
import type { Attribute, AttributeType } from "./attribute.ts";

export type TerraformObject = { [name: string]: Value };

/** The fields that are set and known, under the names of the declaration. */
export function toFields(
  attributes: readonly Attribute[],
  object: TerraformObject,
): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const one of attributes) {
    const value = object[one.name] ?? null;
    if (one.field === undefined || value === null || value instanceof Unknown) continue;
    fields[one.field] = toField(one.type, value);
  }
  return fields;
}

/** The whole object: every attribute there, null for what the fields do not say. */
export function fromFields(
  attributes: readonly Attribute[],
  fields: Record<string, unknown>,
): TerraformObject {
  return Object.fromEntries(
    attributes.map((one) => {
      const value = one.field === undefined ? undefined : fields[one.field];
      return [one.name, fromField(one.type, value)];
    }),
  );
}

/** The value of one attribute from a field in normal form; null when it is absent. */
export function fromField(type: AttributeType, value: unknown): Value {
  if (value === undefined || value === null) return null;
  switch (type.kind) {
    case "string":
      return textOf(type, value);
    case "number":
      return Number(value);
    case "bool":
      return Boolean(value);
    case "list":
      return (value as unknown[]).map((one) => fromField(type.of, one));
    case "map": {
      const entries = Object.entries(value as object);
      return Object.fromEntries(entries.map(([key, one]) => [key, fromField(type.of, one)]));
    }
    case "object":
      return fromFields(type.attributes, value as Record<string, unknown>);
  }
}

/**
 * A whole object of the type with null for every attribute that is missing, unknown ones dropped.
 */
export function fitted(attributes: readonly Attribute[], value: unknown): TerraformObject {
  const given = isObject(value) ? value : {};
  return Object.fromEntries(
    attributes.map((one) => [one.name, fittedValue(one.type, given[one.name])]),
  );
}

function fittedValue(type: AttributeType, value: unknown): Value {
  if (value === undefined || value === null) return null;
  if (type.kind === "object") return fitted(type.attributes, value);
  if (type.kind === "list") {
    return Array.isArray(value) ? value.map((one) => fittedValue(type.of, one)) : null;
  }
  if (type.kind === "map") {
    if (!isObject(value)) return null;
    const entries = Object.entries(value).map(([key, one]) => [key, fittedValue(type.of, one)]);
    return Object.fromEntries(entries);
  }
  if (type.kind === "string") return typeof value === "object" ? null : String(value);
  if (type.kind === "bool") return typeof value === "boolean" ? value : value === "true";
  return Number(value);
}

function toField(type: AttributeType, value: Value): unknown {
  switch (type.kind) {
    case "string":
      // Unlimited swap is the one size that is a number.
      return type.form === "bytes" && value === "-1" ? -1 : value;
    case "number":
      return Number(value);
    case "list":
      return (value as Value[]).map((one) => toField(type.of, one));
    case "map": {
      const entries = Object.entries(value as TerraformObject);
      const known = entries.filter(([, one]) => one !== null);
      return Object.fromEntries(known.map(([key, one]) => [key, toField(type.of, one)]));
    }
    case "object":
      return toFields(type.attributes, value as TerraformObject);
    default:
      return value;
  }
}

function textOf(type: Extract<AttributeType, { kind: "string" }>, value: unknown): string {
  if (typeof value !== "number") return String(value);
  if (type.form === "bytes") return value < 0 ? String(value) : formatBytes(value);
  return type.form === "duration" ? formatDuration(value) : String(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
