// Protocol buffer messages as tables of fields: encoding, decoding, and the TypeScript type of
// each. Knows the wire format (through @bufbuild/protobuf), and no particular message.
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

type Scalar = "string" | "bytes" | "bool" | "int64" | "int32" | "enum" | "double";
// biome-ignore lint/suspicious/noExplicitAny: the fields of some message; Of<> gives the real type.
export type AnyMessage = Message<any>;
type Single = Scalar | AnyMessage | (() => AnyMessage);
/** One value, `[type]` for repeated, `{ map: type }` for a map with string keys. */
type FieldType = Single | readonly [Single] | { readonly map: Single };

/** Field name to number and type; a third element `"optional"` keeps an absent scalar undefined. */
export type Fields = {
  readonly [name: string]: readonly [number, FieldType] | readonly [number, FieldType, "optional"];
};

export interface Message<F extends Fields> {
  readonly fields: F;
}

interface ScalarTypes {
  string: string;
  bytes: Uint8Array;
  bool: boolean;
  int64: number;
  int32: number;
  enum: number;
  double: number;
}
type OfSingle<T> = T extends Scalar
  ? ScalarTypes[T]
  : T extends () => Message<infer F>
    ? OfFields<F>
    : T extends Message<infer F>
      ? OfFields<F>
      : never;
type OfType<T> = T extends readonly [infer S]
  ? OfSingle<S>[]
  : T extends { readonly map: infer S }
    ? Record<string, OfSingle<S>>
    : OfSingle<T>;
type Always<T, More> = More extends "optional"
  ? false
  : T extends Scalar | readonly [unknown] | { readonly map: unknown }
    ? true
    : false;
type OfFields<F extends Fields> = {
  -readonly [N in keyof F]: Always<F[N][1], F[N][2]> extends true
    ? OfType<F[N][1]>
    : OfType<F[N][1]> | undefined;
};

/** The decoded form of a message: scalars, lists and maps always there, messages when sent. */
export type Of<M> = M extends Message<infer F> ? OfFields<F> : never;
/** What may be given to encode: every field may be left out. */
export type Partially<T> = T extends Uint8Array
  ? T
  : T extends (infer E)[]
    ? Partially<E>[]
    : T extends object
      ? { [K in keyof T]?: Partially<T[K]> | undefined }
      : T;

/** Declares a message. */
export function message<const F extends Fields>(fields: F): Message<F> {
  return { fields };
}

/** The bytes of a message; default values are left out, as proto3 does. */
export function encode<M extends AnyMessage>(type: M, value: Partially<Of<M>>): Uint8Array {
  const writer = new BinaryWriter();
  writeMessage(writer, type, value as Record<string, unknown>);
  return writer.finish();
}

/** The message in the bytes; unknown fields are passed over. Throws RangeError when cut short. */
export function decode<M extends AnyMessage>(type: M, bytes: Uint8Array): Of<M> {
  return readMessage(new BinaryReader(bytes), type, undefined) as Of<M>;
}

function writeMessage(
  writer: BinaryWriter,
  type: AnyMessage,
  value: Record<string, unknown>,
): void {
  for (const [name, [number, fieldType, optional]] of Object.entries(type.fields as Fields)) {
    const given = value[name];
    if (given === undefined || given === null) continue;
    if (isList(fieldType)) {
      for (const element of given as unknown[]) writeSingle(writer, number, fieldType[0], element);
    } else if (typeof fieldType === "object" && "map" in fieldType) {
      for (const [key, element] of Object.entries(given as object)) {
        writer.tag(number, WireType.LengthDelimited).fork();
        writeSingle(writer, 1, "string", key);
        writeSingle(writer, 2, fieldType.map, element);
        writer.join();
      }
    } else if (optional === "optional" || !isDefault(given)) {
      writeSingle(writer, number, fieldType as Single, given);
    }
  }
}

function isDefault(value: unknown): boolean {
  return value === "" || value === 0 || value === false || isEmptyBytes(value);
}

function isEmptyBytes(value: unknown): boolean {
  return value instanceof Uint8Array && value.length === 0;
}

function writeSingle(writer: BinaryWriter, number: number, type: Single, value: unknown): void {
  switch (type) {
    case "string":
      writer.tag(number, WireType.LengthDelimited).string(value as string);
      return;
    case "bytes":
      writer.tag(number, WireType.LengthDelimited).bytes(value as Uint8Array);
      return;
    case "bool":
      writer.tag(number, WireType.Varint).bool(value as boolean);
      return;
    case "int64":
      writer.tag(number, WireType.Varint).int64(value as number);
      return;
    case "int32":
    case "enum":
      writer.tag(number, WireType.Varint).int32(value as number);
      return;
    case "double":
      writer.tag(number, WireType.Bit64).double(value as number);
      return;
    default:
      writer.tag(number, WireType.LengthDelimited).fork();
      writeMessage(writer, resolve(type), value as Record<string, unknown>);
      writer.join();
  }
}

function readMessage(
  reader: BinaryReader,
  type: AnyMessage,
  length: number | undefined,
): Record<string, unknown> {
  const end = length === undefined ? reader.len : reader.pos + length;
  if (end > reader.len) throw new RangeError("a message is longer than what holds it");
  const value: Record<string, unknown> = {};
  const byNumber = new Map<number, [string, FieldType]>();
  for (const [name, [number, fieldType, optional]] of Object.entries(type.fields as Fields)) {
    byNumber.set(number, [name, fieldType]);
    value[name] = optional === "optional" ? undefined : empty(fieldType);
  }
  while (reader.pos < end) {
    const [number, wireType] = reader.tag();
    const field = byNumber.get(number);
    if (!field) reader.skip(wireType, number);
    else readField(reader, field[1], wireType, value, field[0]);
  }
  return value;
}

function readField(
  reader: BinaryReader,
  type: FieldType,
  wireType: WireType,
  into: Record<string, unknown>,
  name: string,
): void {
  if (isList(type)) {
    const list = into[name] as unknown[];
    const packed = wireType === WireType.LengthDelimited && isNumeric(type[0]);
    const end = packed ? reader.uint32() + reader.pos : 0;
    do list.push(readSingle(reader, type[0]));
    while (reader.pos < end);
  } else if (typeof type === "object" && "map" in type) {
    const entry = message({ key: [1, "string"], value: [2, type.map] });
    const { key, value } = readMessage(reader, entry, reader.uint32());
    // A key such as __proto__ must become a property of its own.
    const own = { value: value ?? {}, enumerable: true, configurable: true, writable: true };
    Object.defineProperty(into[name] as object, String(key), own);
  } else {
    into[name] = readSingle(reader, type as Single);
  }
}

const EMPTY = new Uint8Array();

function readSingle(reader: BinaryReader, type: Single): unknown {
  switch (type) {
    case "string":
      return reader.string();
    case "bytes":
      return reader.bytes();
    case "bool":
      return reader.bool();
    case "int64":
      return Number(reader.int64());
    case "int32":
    case "enum":
      return reader.int32();
    case "double":
      return reader.double();
    default:
      return readMessage(reader, resolve(type), reader.uint32());
  }
}

function isNumeric(type: Single): boolean {
  return typeof type === "string" && type !== "string" && type !== "bytes";
}

function empty(type: FieldType): unknown {
  if (isList(type)) return [];
  if (typeof type === "object" && "map" in type) return {};
  if (type === "string") return "";
  if (type === "bytes") return EMPTY;
  if (type === "bool") return false;
  return typeof type === "string" ? 0 : undefined;
}

// Array.isArray does not narrow a readonly tuple.
function isList(type: FieldType): type is readonly [Single] {
  return Array.isArray(type);
}

function resolve(type: AnyMessage | (() => AnyMessage)): AnyMessage {
  return typeof type === "function" ? type() : type;
}
