// What every field of every resource is, as plain values: the provider schemas, the typed bindings
// and the docs are made from this. Where people may write several forms, it is the fullest one.
import * as z from "zod";
import { type ChangeRule, type FieldMeta, fields as metaOf, typeNames } from "../model/schema.ts";
import { isClearable } from "../plan/facet.ts";
import { portShape } from "./container/port.ts";
import { hostFields } from "./host/host.ts";
import { isKind, type Kind, kindOf } from "./registry.ts";

/** A type in its one normal form; sizes, durations and references are text with a `form`. */
export type Shape =
  | { kind: "string"; form?: TextForm | undefined; values?: string[] | undefined }
  | { kind: "number"; integer: boolean }
  | { kind: "bool" }
  | { kind: "list" | "map"; of: Shape }
  | { kind: "object"; fields: FieldShape[] };

export type TextForm = "bytes" | "duration" | "reference";

export interface FieldShape extends FieldMeta {
  name: string;
  shape: Shape;
  required: boolean;
  /** Whether a field that is taken away can be set back on the existing object. */
  clearable: boolean;
  /** Whether an engine shows it of what exists. */
  isShown: boolean;
}

/** A kind, or the host that everything is on. */
export type ShapedKind = Kind | "host";

/** The declaration of a kind, or of a host. */
export function typeOf(kind: ShapedKind): z.ZodObject {
  return isKind(kind) ? kindOf(kind).type : hostFields;
}

/** The fields of a resource, in the order of its declaration. */
export function shapeOf(kind: ShapedKind): FieldShape[] {
  return Object.entries(typeOf(kind).shape).map(([name, type]) => {
    const meta = metaOf.get(type as z.ZodType)!;
    const facet = isKind(kind) ? kindOf(kind).facets[name] : undefined;
    const own = { clearable: isClearable(facet), isShown: facet !== undefined && !facet.isHidden };
    return { ...member(name, type as z.ZodType, meta.rule), ...meta, ...own };
  });
}

/** A problem's place in a stack, `containers.web.ports[0]`, as its kind and `ports[0]` in that. */
export function placeWithin(path: string): { kind: ShapedKind | undefined; inner: string } {
  const [prefix = "", word = ""] = /^([A-Za-z]+)s\.[^.[]*\.?/.exec(path) ?? [];
  if (word !== "host" && !isKind(word)) return { kind: undefined, inner: path };
  return { kind: word as ShapedKind, inner: path.slice(prefix.length) };
}

/** The form of the text at a place such as `healthcheck.interval`; undefined for other values. */
export function formAt(kind: ShapedKind, place: string): TextForm | undefined {
  const [head = "", ...keys] = place.split(".");
  const type = typeOf(kind).shape[head] as z.ZodType | undefined;
  let shape: Shape | undefined = type && shapeOfType(type, "policy");
  for (const key of keys) {
    if (shape?.kind === "list" || shape?.kind === "map") shape = shape.of;
    else if (shape?.kind === "object") {
      shape = shape.fields.find(({ name }) => name === key)?.shape;
    } else return undefined;
  }
  return shape?.kind === "string" ? shape.form : undefined;
}

// The inside of a field has no rule of its own: a change in it is a change of the field.
function member(name: string, type: z.ZodType, rule: ChangeRule): FieldShape {
  const meta = metaOf.get(type);
  const doc = meta?.doc ?? z.globalRegistry.get(type)?.description ?? "";
  const required = !(type instanceof z.ZodOptional);
  const shape = shapeOfType(type, meta?.rule ?? rule);
  return { doc, rule, ...meta, name, shape, required, clearable: true, isShown: true };
}

function shapeOfType(type: z.ZodType, rule: ChangeRule): Shape {
  const named = namedShape(type, rule);
  if (named) return named;
  const inner = (one: unknown) => shapeOfType(one as z.ZodType, rule);
  if (type instanceof z.ZodOptional) return inner(type.def.innerType);
  if (type instanceof z.ZodPipe) return inner(type.def.in);
  if (type instanceof z.ZodString) return { kind: "string" };
  if (type instanceof z.ZodBoolean) return { kind: "bool" };
  if (type instanceof z.ZodNumber) {
    return { kind: "number", integer: type.format === "safeint" };
  }
  if (type instanceof z.ZodEnum) return { kind: "string", values: type.options.map(String) };
  if (type instanceof z.ZodLiteral) {
    const [value] = type.def.values;
    return typeof value === "string"
      ? { kind: "string", values: [value] }
      : { kind: "number", integer: true };
  }
  if (type instanceof z.ZodArray) return { kind: "list", of: inner(type.def.element) };
  if (type instanceof z.ZodRecord) return { kind: "map", of: inner(type.def.valueType) };
  if (type instanceof z.ZodObject) {
    const members = Object.entries(type.shape).map(([name, one]) => member(name, one, rule));
    return { kind: "object", fields: members };
  }
  if (type instanceof z.ZodUnion) return fullest(type.def.options.map(inner));
  throw new Error(`a field has a type without a shape: ${type.def.type}`);
}

function namedShape(type: z.ZodType, rule: ChangeRule): Shape | undefined {
  const name = typeNames.get(type)?.name;
  switch (name) {
    case undefined:
    case "host address":
      return undefined;
    case "text":
      return { kind: "string" };
    case "port":
      return shapeOfType(portShape, rule);
    default:
      return { kind: "string", form: name as TextForm };
  }
}

const FULLNESS = { number: 0, bool: 0, string: 1, list: 2, map: 3, object: 4 };

// Objects of a union are told apart by a field of theirs, so together they are one object.
function fullest(options: Shape[]): Shape {
  const objects = options.filter((one) => one.kind === "object");
  if (objects.length > 1) return { kind: "object", fields: joined(objects.map((o) => o.fields)) };
  return options.reduce((a, b) => (FULLNESS[b.kind] > FULLNESS[a.kind] ? b : a));
}

function joined(lists: FieldShape[][]): FieldShape[] {
  const byName = new Map<string, FieldShape[]>();
  for (const one of lists.flat()) byName.set(one.name, [...(byName.get(one.name) ?? []), one]);
  return [...byName.values()].map((same) => {
    const [first] = same as [FieldShape];
    const required = same.length === lists.length && same.every((one) => one.required);
    const texts = same.flatMap(({ shape }) =>
      shape.kind === "string" ? (shape.values ?? []) : [],
    );
    const values = [...new Set(texts)];
    const shape: Shape = values.length > 0 ? { kind: "string", values } : first.shape;
    return { ...first, required, shape };
  });
}
