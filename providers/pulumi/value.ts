// Pulumi's values: plain ones, sealed secrets, and what is not known yet. How they travel in a
// Struct (sdk/go/common/resource/plugin/rpc.go), and what may be done with them without leaking.
import type { Of } from "../rpc/protobuf.ts";
import type { Struct, Value as WireValueType } from "./messages.ts";

/** A secret: kept sealed in the state, and never shown. */
export class Sealed {
  readonly value: PulumiValue;

  constructor(value: PulumiValue) {
    this.value = value;
  }
}

/** What is only known when the resources before it have been made. */
export class Unknown {}
export const UNKNOWN = new Unknown();

export type PulumiValue =
  | null
  | boolean
  | number
  | string
  | Sealed
  | Unknown
  | PulumiValue[]
  | PulumiObject;
export interface PulumiObject {
  [key: string]: PulumiValue;
}

type WireStruct = Of<typeof Struct>;
type WireValue = Of<typeof WireValueType>;

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const UNKNOWNS = new Set([
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);
const UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const DEEPEST = 64;

/** The object in a Struct; an absent one is empty. */
export function fromStruct(struct: WireStruct | undefined, depth = 0): PulumiObject {
  const entries = Object.entries((struct?.fields ?? {}) as Record<string, WireValue>);
  return Object.fromEntries(entries.map(([key, value]) => [key, fromWire(value, depth)]));
}

/** The Struct of an object; absent values are left out. */
export function toStruct(object: Record<string, PulumiValue | undefined>): WireStruct {
  const entries = Object.entries(object).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, toWire(value)]],
  );
  return { fields: Object.fromEntries(entries) } as WireStruct;
}

/** The value without seals; unknowns stay. */
export function opened(value: PulumiValue): PulumiValue {
  if (value instanceof Sealed) return opened(value.value);
  if (Array.isArray(value)) return value.map(opened);
  return isObject(value) ? mapValues(value, opened) : value;
}

/** True when something in it is not known yet. */
export function hasUnknown(value: PulumiValue | undefined): boolean {
  if (value instanceof Unknown) return true;
  if (value instanceof Sealed) return hasUnknown(value.value);
  if (Array.isArray(value)) return value.some(hasUnknown);
  return isObject(value) && Object.values(value).some(hasUnknown);
}

/** True when something in it is sealed. */
export function hasSecret(value: PulumiValue | undefined): boolean {
  if (value instanceof Sealed) return true;
  if (Array.isArray(value)) return value.some(hasSecret);
  return isObject(value) && Object.values(value).some(hasSecret);
}

/** True when both are equal without seals; an unknown equals nothing. */
export function sameValue(a: PulumiValue | undefined, b: PulumiValue | undefined): boolean {
  if (hasUnknown(a) || hasUnknown(b)) return false;
  return JSON.stringify(sorted(a ?? null)) === JSON.stringify(sorted(b ?? null));
}

/** A secret, once. */
export function sealed(value: PulumiValue): Sealed {
  return value instanceof Sealed ? value : new Sealed(value);
}

export function isObject(value: unknown): value is PulumiObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return !(value instanceof Sealed) && !(value instanceof Unknown);
}

function mapValues(object: PulumiObject, each: (value: PulumiValue) => PulumiValue): PulumiObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, each(value)]));
}

function sorted(value: PulumiValue): unknown {
  const plain = opened(value);
  if (Array.isArray(plain)) return plain.map(sorted);
  if (!isObject(plain)) return plain;
  const keys = Object.keys(plain).sort();
  return keys.map((key) => [key, sorted(plain[key] as PulumiValue)]);
}

function fromWire(value: WireValue, depth: number): PulumiValue {
  if (depth > DEEPEST) throw new RangeError("a value is nested too deeply");
  if (value.number !== undefined) return value.number;
  if (value.bool !== undefined) return value.bool;
  if (value.string !== undefined) return UNKNOWNS.has(value.string) ? UNKNOWN : value.string;
  if (value.list !== undefined) {
    const { values } = value.list as { values: WireValue[] };
    return values.map((one) => fromWire(one, depth + 1));
  }
  if (value.struct === undefined) return null;
  return special(fromStruct(value.struct as WireStruct, depth + 1));
}

function special(object: PulumiObject): PulumiValue {
  switch (object[SIGNATURE]) {
    case undefined:
      return object;
    case SECRET:
      return new Sealed(object.value ?? null);
    case OUTPUT: {
      const value = object.value === undefined ? UNKNOWN : object.value;
      return object.secret === true ? sealed(value) : value;
    }
    // A resource that stands where text is asked for means its id.
    case REFERENCE:
      return object.id === undefined || object.id === "" ? UNKNOWN : object.id;
    default:
      throw new RangeError("assets and archives are no values of a fairlead resource");
  }
}

function toWire(value: PulumiValue): unknown {
  if (value === null) return { null: 0 };
  if (typeof value === "number") return { number: value };
  if (typeof value === "string") return { string: value };
  if (typeof value === "boolean") return { bool: value };
  if (value instanceof Unknown) return { string: UNKNOWN_TEXT };
  if (value instanceof Sealed) {
    return { struct: toStruct({ [SIGNATURE]: SECRET, value: value.value }) };
  }
  if (Array.isArray(value)) return { list: { values: value.map(toWire) } };
  return { struct: toStruct(value) };
}
