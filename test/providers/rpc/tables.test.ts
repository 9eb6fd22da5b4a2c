// Holds our tables of messages against the words of those who send them: the descriptor that the
// real terraform carries, and the readers in Pulumi's own package.
import { spawnSync } from "node:child_process";
import { readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { fromBinary } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  type FieldDescriptorProto,
  FieldDescriptorProto_Type as FieldKind,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  TimestampSchema,
} from "@bufbuild/protobuf/wkt";
import { describe, expect, test } from "vitest";
import * as component from "../../../providers/pulumi/component/messages.ts";
import * as pulumi from "../../../providers/pulumi/messages.ts";
import { type AnyMessage, encode, type Fields } from "../../../providers/rpc/protobuf.ts";
import { methods } from "../../../providers/terraform/service.ts";
import { TERRAFORM } from "../terraform/workspace.ts";

type FieldType = Fields[string][1];

/** A type of ours taken apart: the type of one value, and whether there are several or a map. */
function apart(type: FieldType): { one: string | AnyMessage; many: "no" | "list" | "map" } {
  const resolve = (single: unknown) =>
    (typeof single === "function" ? single() : single) as string | AnyMessage;
  if (Array.isArray(type)) return { one: resolve(type[0]), many: "list" };
  if (typeof type === "object" && "map" in type) return { one: resolve(type.map), many: "map" };
  return { one: resolve(type), many: "no" };
}

const fieldsOf = (message: AnyMessage): [string, Fields[string]][] =>
  Object.entries(message.fields as Fields);

/**
 * The file descriptor in the bytes of a Go program: Go keeps it as it was written. It ends with the
 * syntax (field 12 of FileDescriptorProto in descriptor.proto).
 */
function descriptorIn(program: Buffer, name: string): FileDescriptorProto {
  const start = program.indexOf(Buffer.from([0x0a, name.length, ...Buffer.from(name)]));
  const end = program.indexOf("\x62\x06proto3", start, "latin1");
  expect(start, `${name} in the program`).toBeGreaterThan(0);
  return fromBinary(FileDescriptorProtoSchema, program.subarray(start, end + 8));
}

/** Every difference between a table and a descriptor, as text; walks nested messages. */
function differences(
  table: AnyMessage,
  typeName: string,
  types: Map<string, DescriptorProto>,
  seen = new Set<AnyMessage>(),
): string[] {
  if (seen.has(table)) return [];
  seen.add(table);
  const type = types.get(typeName);
  if (type === undefined) return [`${typeName} is not there`];
  return fieldsOf(table).flatMap(([name, [number, ours]]) => {
    const field = type.field.find((one) => one.number === number);
    const where = `${typeName}.${name}`;
    if (field?.name !== name) return [`${where}: ${number} is ${field?.name ?? "free"}`];
    const { one, many } = apart(ours);
    const entry = types.get(field.typeName)?.options?.mapEntry ? types.get(field.typeName) : null;
    const value = entry?.field.find((part) => part.name === "value") ?? field;
    const theirs = entry ? "map" : field.label === 3 ? "list" : "no";
    if (theirs !== many) return [`${where}: is ${many} here and ${theirs} there`];
    if (typeof one !== "string") return differences(one, value.typeName, types, seen);
    return one === kindOf(value) ? [] : [`${where}: is ${one} here and ${kindOf(value)} there`];
  });
}

const kindOf = ({ type }: FieldDescriptorProto) => FieldKind[type]!.toLowerCase();

function typesOf(file: FileDescriptorProto): Map<string, DescriptorProto> {
  const types = new Map<string, DescriptorProto>();
  const add = (prefix: string, list: DescriptorProto[]) => {
    for (const type of list) {
      types.set(`${prefix}.${type.name}`, type);
      add(`${prefix}.${type.name}`, type.nestedType);
    }
  };
  add(`.${file.package}`, file.messageType);
  add(".google.protobuf", [TimestampSchema.proto]);
  return types;
}

const program = spawnSync("/bin/sh", ["-c", `command -v ${TERRAFORM}`], { encoding: "utf8" });
describe.skipIf(program.status !== 0)("Terraform's messages (where terraform is installed)", () => {
  const file = () =>
    descriptorIn(readFileSync(realpathSync(program.stdout.trim())), "tfplugin6.proto");

  test("are those of the terraform that is installed, field by field", () => {
    const descriptor = file();
    const types = typesOf(descriptor);
    const calls = descriptor.service.find(({ name }) => name === "Provider")!.method;
    const found = Object.entries(methods).flatMap(([path, entry]) => {
      if (typeof entry !== "object" || !("request" in entry)) return [];
      const call = calls.find(({ name }) => path === `/tfplugin6.Provider/${name}`);
      if (call === undefined) return [];
      return [
        ...differences(entry.request, call.inputType, types),
        ...differences(entry.response, call.outputType, types),
      ];
    });
    expect(found).toEqual([]);
    const served = calls.filter(({ name }) =>
      Object.hasOwn(methods, `/tfplugin6.Provider/${name}`),
    );
    expect(served.length).toBeGreaterThanOrEqual(20);
  });

  test("a field that moved, or another type, is seen", () => {
    const types = typesOf(file());
    const wrong = { fields: { msgpack: [2, "bytes"], json: [2, "string"], more: [9, "bool"] } };
    expect(differences(wrong as AnyMessage, ".tfplugin6.DynamicValue", types)).toEqual([
      ".tfplugin6.DynamicValue.msgpack: 2 is json",
      ".tfplugin6.DynamicValue.json: is string here and bytes there",
      ".tfplugin6.DynamicValue.more: 9 is free",
    ]);
  });
});

type PulumiReader = { deserializeBinary(bytes: Uint8Array): { toObject(): object } };
const proto = (name: string): Record<string, PulumiReader> =>
  createRequire(import.meta.url)(`@pulumi/pulumi/proto/${name}_pb.js`);

/** Where Pulumi's package reads a table of ours, and its name there when it is another one. */
const READERS = {
  HandshakeRequest: ["provider", "ProviderHandshakeRequest"],
  HandshakeResponse: ["provider", "ProviderHandshakeResponse"],
  AttachRequest: ["plugin", "PluginAttach"],
  PluginInfo: ["plugin"],
  GetSchemaRequest: ["provider"],
  GetSchemaResponse: ["provider"],
  ConfigureRequest: ["provider"],
  ConfigureResponse: ["provider"],
  CheckRequest: ["provider"],
  CheckFailure: ["provider"],
  CheckResponse: ["provider"],
  DiffRequest: ["provider"],
  DiffResponse: ["provider"],
  CreateRequest: ["provider"],
  CreateResponse: ["provider"],
  ReadRequest: ["provider"],
  ReadResponse: ["provider"],
  UpdateRequest: ["provider"],
  UpdateResponse: ["provider"],
  DeleteRequest: ["provider"],
  ConstructRequest: ["provider"],
  ConstructResponse: ["provider"],
  InvokeRequest: ["provider"],
  InvokeResponse: ["provider"],
  GetMappingRequest: ["provider"],
  GetMappingResponse: ["provider"],
  GetMappingsResponse: ["provider"],
  InitFailed: ["provider", "ErrorResourceInitFailed"],
  InputPropertiesError: ["errors"],
  LogRequest: ["engine"],
  RegisterRequest: ["resource", "RegisterResourceRequest"],
  RegisterResponse: ["resource", "RegisterResourceResponse"],
  OutputsRequest: ["resource", "RegisterResourceOutputsRequest"],
} as const;

const tables = new Map<string, AnyMessage>(Object.entries({ ...pulumi, ...component }) as never);

/** A value for every field, so that a number or type that differs shows in what comes out. */
function sample(table: AnyMessage, depth = 0): Record<string, unknown> {
  const single = (one: string | AnyMessage, number: number): unknown => {
    if (typeof one !== "string") return depth > 2 ? {} : sample(one, depth + 1);
    if (one === "string") return `text ${number}`;
    // Some are messages that we pass on unread.
    if (one === "bytes") return new Uint8Array();
    return one === "bool" ? true : 1;
  };
  const entries = fieldsOf(table).map(([name, [number, type]]) => {
    const { one, many } = apart(type);
    const value = single(one, number);
    return [name, many === "no" ? value : many === "list" ? [value] : { key: value }] as const;
  });
  return Object.fromEntries(entries);
}

describe("Pulumi's messages", () => {
  test.each(Object.entries(READERS))("%s is read by Pulumi's own package", (name, reader) => {
    const [file, theirs = name] = reader;
    const table = tables.get(name)!;
    const bytes = encode(table, sample(table) as never);
    const seen = Object.entries(proto(file)[theirs]!.deserializeBinary(bytes).toObject());
    for (const [field, [number, type]] of fieldsOf(table)) {
      const { one, many } = apart(type);
      // google-protobuf's names, but for upper and lower case: `pb_` before reserved words.
      const wanted =
        field.replaceAll("_", "").toLowerCase() + { no: "", list: "list", map: "map" }[many];
      const [, value] = seen.find(([key]) => key.replace("pb_", "").toLowerCase() === wanted) ?? [];
      expect(value, `${name}.${field}`).toBeDefined();
      const [first] = many === "no" ? [value] : (value as unknown[]);
      expect(first, `${name}.${field}`).toBeDefined();
      if (one === "string" && many !== "map") expect(first).toBe(`text ${number}`);
      if (one === "bool") expect(first).toBe(true);
      if (one === "int32" || one === "enum") expect(first).toBe(1);
    }
  });

  test("every table that is sent or received is held against its reader", () => {
    const parts = ["Value", "Struct", "ListValue", "Empty", "Timeouts", "Urns", "RpcStatus"];
    const isTable = ([, one]: [string, object]) => "fields" in one;
    const all = Object.entries({ ...pulumi, ...component }).filter(isTable);
    expect(
      all
        .map(([name]) => name)
        .filter((name) => !Object.hasOwn(READERS, name))
        .sort(),
    ).toEqual(parts.sort());
  });
});
