// The TypeScript declarations of "fairlead/pulumi", made from the catalog. They keep to the syntax
// of TypeScript 3.8, the one that Pulumi brings along for programs without their own.

import { HOST, OBJECT_KINDS, OBJECTS, type ResourceType, SETTINGS } from "./catalog.ts";
import { COMPOSE_STACK } from "./component.ts";
import { FUNCTIONS } from "./functions.ts";
import { descriptionOf, isComponent } from "./package-schema.ts";
import type { Property, PropertyType } from "./property.ts";

const HEAD = `// The types of "fairlead/pulumi".
import * as pulumi from "@pulumi/pulumi";
`;

interface Draft {
  /** Interfaces by name: text. */
  interfaces: Map<string, string>;
}

/** The text of the declaration file. */
export function declarations(): string {
  const draft: Draft = { interfaces: new Map() };
  const types = [HOST, ...OBJECT_KINDS.map((kind) => OBJECTS[kind]), COMPOSE_STACK];
  const classes = types.map((type) => classOf(draft, type));
  const functions = FUNCTIONS.map(({ name, doc, inputs, outputs }) => {
    const args = `${upper(name)}Args`;
    const result = `${upper(name)}Result`;
    draft.interfaces.set(args, interfaceOf(draft, args, inputs, "in"));
    draft.interfaces.set(result, interfaceOf(draft, result, outputs, "out"));
    return (
      `/** ${doc} */\nexport declare function ${name}(args: ${args}, ` +
      `options?: pulumi.InvokeOptions): Promise<${result}>;\n` +
      `/** ${doc} */\nexport declare function ${name}Output(args: ${args}, ` +
      `options?: pulumi.InvokeOutputOptions): pulumi.Output<${result}>;\n`
    );
  });
  draft.interfaces.set("ProviderArgs", interfaceOf(draft, "ProviderArgs", SETTINGS, "in"));
  const provider =
    "/** Settings for all hosts of the resources that are given this provider. */\n" +
    "export declare class Provider extends pulumi.ProviderResource {\n" +
    "  constructor(name: string, args?: ProviderArgs, options?: pulumi.ResourceOptions);\n}\n";
  const interfaces = [...draft.interfaces.values()];
  return [HEAD, ...classes, provider, ...functions, ...interfaces].join("\n");
}

function classOf(draft: Draft, resource: ResourceType): string {
  const { name, doc, inputs, computed } = resource;
  const args = `${name}Args`;
  draft.interfaces.set(args, interfaceOf(draft, args, inputs, "in"));
  const given = isComponent(resource) ? [] : inputs;
  const outputs = [...given, ...computed].map((one) => {
    const always = one.required || one.rule === "computed" || one.name === "name";
    const type = typeOf(draft, one.type, "out");
    const shown = always ? type : `${type} | undefined`;
    return `${docOf(one)}  readonly ${one.name}: pulumi.Output<${shown}>;\n`;
  });
  if (isComponent(resource)) {
    return (
      `/** ${doc} */\nexport declare class ${name} extends pulumi.ComponentResource {\n` +
      `  static isInstance(value: any): value is ${name};\n${outputs.join("")}` +
      `  constructor(name: string, args?: ${args}, options?: pulumi.ComponentResourceOptions);\n}\n`
    );
  }
  return (
    `/** ${doc} */\nexport declare class ${name} extends pulumi.CustomResource {\n` +
    `  /** The ${name} of an id that exists; it is not managed. */\n` +
    `  static get(name: string, id: pulumi.Input<pulumi.ID>, state?: object, ` +
    `options?: pulumi.CustomResourceOptions): ${name};\n` +
    `  static isInstance(value: any): value is ${name};\n${outputs.join("")}` +
    `  constructor(name: string, args: ${args}, options?: pulumi.CustomResourceOptions);\n}\n`
  );
}

function interfaceOf(
  draft: Draft,
  name: string,
  properties: readonly Property[],
  way: "in" | "out",
): string {
  const members = properties.map((one) => {
    const type = typeOf(draft, one.type, way);
    const optional = one.required ? "" : "?";
    if (way === "out") return `${docOf(one)}  ${one.name}${optional}: ${type};\n`;
    if (one.resource && one.type.kind === "map") {
      const values = `{ [key: string]: pulumi.Input<string> | ${one.resource} }`;
      return `${docOf(one)}  ${one.name}${optional}: ${values};\n`;
    }
    const resource = one.resource ? ` | ${one.resource}` : "";
    return `${docOf(one)}  ${one.name}${optional}: pulumi.Input<${type}>${resource};\n`;
  });
  return `export interface ${name} {\n${members.join("")}}\n`;
}

function typeOf(draft: Draft, type: PropertyType, way: "in" | "out"): string {
  const inner = (of: PropertyType) => {
    const text = typeOf(draft, of, way);
    return way === "in" ? `pulumi.Input<${text}>` : text;
  };
  switch (type.kind) {
    case "string":
      return "string";
    case "integer":
    case "number":
      return "number";
    case "bool":
      return "boolean";
    case "list":
      return `Array<${inner(type.of)}>`;
    case "oneOrMore":
      return `Array<${inner(type.of)}> | ${typeOf(draft, type.of, way)}`;
    case "map":
      return `{ [key: string]: ${inner(type.of)} }`;
    case "textOrObject":
      return `string | ${named(draft, type.name, type.properties, way)}`;
    case "object":
      return named(draft, type.name, type.properties, way);
  }
}

function named(
  draft: Draft,
  name: string,
  properties: readonly Property[],
  way: "in" | "out",
): string {
  const full = way === "in" ? `${upper(name)}Args` : upper(name);
  if (!draft.interfaces.has(full)) {
    draft.interfaces.set(full, "");
    draft.interfaces.set(full, interfaceOf(draft, full, properties, way));
  }
  return full;
}

function docOf(one: Property): string {
  return `  /** ${descriptionOf(one).replaceAll("*/", "* /")} */\n`;
}

function upper(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
