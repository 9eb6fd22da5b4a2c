// The package schema that Pulumi generates SDKs and docs from, made from the catalog.

import { HOST, OBJECT_KINDS, OBJECTS, type ResourceType, SETTINGS } from "./catalog.ts";
import { COMPOSE_STACK } from "./component.ts";
import { exampleSection } from "./examples.ts";
import { FUNCTIONS, type FunctionType } from "./functions.ts";
import { capital, type Property, type PropertyType } from "./property.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Types = Map<string, { [key: string]: Json }>;

/** The schema of the package in this version (metaschema pkg/codegen/schema/pulumi.json). */
export function packageSchema(version: string): { [key: string]: Json } {
  const types: Types = new Map();
  const resources = [HOST, ...OBJECT_KINDS.map((kind) => OBJECTS[kind]), COMPOSE_STACK];
  const described = Object.fromEntries(
    resources.map((one) => [`fairlead:index:${one.name}`, resourceOf(one, types)]),
  );
  const functions = Object.fromEntries(
    FUNCTIONS.map((one) => [`fairlead:index:${one.name}`, functionOf(one, types)]),
  );
  const variables = propertiesOf(SETTINGS, types);
  return {
    name: "fairlead",
    displayName: "fairlead",
    version,
    description: "Containers on bare Linux hosts over SSH.",
    keywords: ["pulumi", "containers", "ssh", "category/infrastructure", "kind/native"],
    license: "Apache-2.0",
    config: { variables },
    provider: { description: "Settings for all hosts.", inputProperties: variables },
    types: Object.fromEntries([...types].sort(([a], [b]) => a.localeCompare(b, "en"))),
    resources: described,
    functions,
    language: {
      nodejs: { packageName: "fairlead", respectSchemaVersion: true },
      python: {
        packageName: "pulumi_fairlead",
        respectSchemaVersion: true,
        pyproject: { enabled: true },
      },
      go: { respectSchemaVersion: true, generateResourceContainerTypes: true },
      csharp: { respectSchemaVersion: true },
    },
  };
}

function resourceOf(type: ResourceType, types: Types): { [key: string]: Json } {
  const outputs = isComponent(type) ? type.computed : [...type.inputs, ...type.computed];
  const always = isComponent(type)
    ? []
    : type.inputs.filter(({ required, name }) => required || isNamed(type, name));
  return {
    description: type.doc + exampleSection(type.name) + importSection(type),
    ...(isComponent(type) ? { isComponent: true } : {}),
    inputProperties: propertiesOf(type.inputs, types),
    requiredInputs: type.inputs.filter(({ required }) => required).map(({ name }) => name),
    properties: propertiesOf(outputs, types),
    required: [...always, ...type.computed].map(({ name }) => name),
  };
}

// A name is there afterwards, also when it was generated.
function isNamed(type: ResourceType, name: string): boolean {
  return type.name !== "Host" && (name === "name" || name === "connection");
}

/** Components are made of other resources and have no id. */
export function isComponent({ importId }: ResourceType): boolean {
  return importId === undefined;
}

function importSection({ name, importId }: ResourceType): string {
  if (importId === undefined) return "";
  const resource = name.toLowerCase();
  const line = `pulumi import fairlead:index:${name} ${resource} ${importId}`;
  return `\n\n## Import\n\n\`\`\`sh\n${line}\n\`\`\``;
}

function functionOf(one: FunctionType, types: Types): { [key: string]: Json } {
  const described = (properties: Property[]): Json => ({
    properties: propertiesOf(properties, types),
    required: properties.filter(({ required }) => required).map(({ name }) => name),
    type: "object",
  });
  return { description: one.doc, inputs: described(one.inputs), outputs: described(one.outputs) };
}

function propertiesOf(properties: readonly Property[], types: Types): { [key: string]: Json } {
  return Object.fromEntries(
    properties.map((one) => [
      one.name,
      {
        description: descriptionOf(one),
        ...(typeOf(one.type, types) as { [key: string]: Json }),
        ...(one.secret ? { secret: true } : {}),
        ...(one.moves ? { willReplaceOnChanges: true } : {}),
      },
    ]),
  );
}

/** The sentence of a property with its unit, its values and its default. */
export function descriptionOf({ doc, type, values, default: byDefault }: Property): string {
  const form = type.kind === "string" ? type.form : undefined;
  const unit =
    form === "bytes"
      ? " A size such as `512m`."
      : form === "duration"
        ? " A duration such as `1m30s`."
        : "";
  const shown = values?.filter((value) => value !== "").map((value) => `\`${value}\``) ?? [];
  const choice = shown.length > 0 ? ` One of ${shown.join(", ")}.` : "";
  return doc + unit + choice + (byDefault === undefined ? "" : ` Default: ${byDefault}.`);
}

function typeOf(type: PropertyType, types: Types): Json {
  switch (type.kind) {
    case "string":
      return { type: "string" };
    case "integer":
    case "number":
      return { type: type.kind };
    case "bool":
      return { type: "boolean" };
    case "list":
      return { type: "array", items: typeOf(type.of, types) };
    case "oneOrMore": {
      const one = typeOf(type.of, types);
      return { oneOf: [{ type: "array", items: one }, one] };
    }
    case "map":
      return { type: "object", additionalProperties: typeOf(type.of, types) };
    case "object":
      return referTo(type.name, type.properties, types);
    case "textOrObject": {
      const object = referTo(type.name, type.properties, types);
      return { oneOf: [{ type: "string" }, object] };
    }
  }
}

function referTo(name: string, properties: readonly Property[], types: Types): Json {
  const token = `fairlead:index:${capital(name)}`;
  if (!types.has(token)) {
    types.set(token, {});
    types.set(token, {
      type: "object",
      properties: propertiesOf(properties, types),
      required: properties.filter(({ required }) => required).map((one) => one.name),
    });
  }
  return { $ref: `#/types/${token}` };
}
