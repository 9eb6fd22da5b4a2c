// Terraform's values on the wire (DynamicValue): msgpack with unknown values, from and to plain
// ones. Knows cty's encoding, and nothing of schemas.
import { decode, Encoder, ExtData, ExtensionCodec } from "@msgpack/msgpack";

/**
 * A value that is not known at plan time. A refined one keeps its refinement (cty's extension 12),
 * so that what is derived from it stays as well known as it was.
 */
export class Unknown {
  readonly refinement: Uint8Array | undefined;

  constructor(refinement?: Uint8Array) {
    this.refinement = refinement;
  }
}

/** The unknown value about which nothing is said. */
export const UNKNOWN = new Unknown();

export type Value = null | boolean | number | string | Unknown | Value[] | { [key: string]: Value };

const UNKNOWN_TYPE = 0;
const REFINED_TYPE = 12;

const extensions = new ExtensionCodec();
extensions.register({
  type: REFINED_TYPE,
  encode: (value) => (value instanceof Unknown && value.refinement ? value.refinement : null),
  decode: (data) => new Unknown(Uint8Array.from(data)),
});
extensions.register({
  type: UNKNOWN_TYPE,
  encode: (value) => (value instanceof Unknown && !value.refinement ? Uint8Array.of(0) : null),
  decode: () => UNKNOWN,
});

/** The value in the bytes; null for none. Throws RangeError when the bytes are no value. */
export function fromMsgpack(bytes: Uint8Array | undefined): Value {
  if (!bytes || bytes.length === 0) return null;
  const value = decode(bytes, { extensionCodec: extensions, useBigInt64: true });
  return normal(value);
}

/**
 * The bytes of a value. Whole numbers up to 2^53 travel as integers, others as decimal text, which
 * cty reads exactly; as doubles 0.1 and 1e29 would come back as something else.
 */
export function toMsgpack(value: Value): Uint8Array {
  return new Encoder({ extensionCodec: extensions }).encode(portable(value));
}

/** Whether a value or anything in it is unknown. */
export function hasUnknown(value: Value): boolean {
  if (value instanceof Unknown) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  return value !== null && typeof value === "object" && Object.values(value).some(hasUnknown);
}

/** Whether two values are the same; an unknown one equals nothing, not even itself. */
export function same(a: Value, b: Value): boolean {
  if (a instanceof Unknown || b instanceof Unknown) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((element, index) => same(element, b[index] as Value));
  }
  if (a !== null && b !== null && typeof a === "object" && typeof b === "object") {
    const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...keys].every((key) => same(a[key] ?? null, b[key] ?? null));
  }
  return a === b;
}

function normal(value: unknown): Value {
  if (value === null || value === undefined) return null;
  if (typeof value === "bigint") return Number(value);
  // An extension of a newer core: something unknown, whatever else it says.
  if (value instanceof ExtData) return UNKNOWN;
  if (value instanceof Unknown) return value;
  if (Array.isArray(value)) return value.map(normal);
  if (typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, normal(held)]));
  }
  return value as Value;
}

function portable(value: Value): unknown {
  if (typeof value === "number" && !Number.isSafeInteger(value)) return String(value);
  if (typeof value === "string") return value.normalize("NFC");
  if (Array.isArray(value)) return value.map(portable);
  if (value !== null && typeof value === "object" && !(value instanceof Unknown)) {
    return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, portable(held)]));
  }
  return value;
}
