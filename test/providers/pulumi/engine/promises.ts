// What a provider promises and the real engine does not look at: outputs that fit the schema, and
// secrets that are nowhere in the clear.
import { readFileSync } from "node:fs";
import {
  isObject,
  type PulumiObject,
  type PulumiValue,
  Sealed,
  Unknown,
} from "../../../../providers/pulumi/value.ts";

interface Type {
  type?: string;
  $ref?: string;
  items?: Type;
  additionalProperties?: Type;
  oneOf?: Type[];
}
interface Described {
  properties: Record<string, Type>;
  required?: string[];
}
interface Schema {
  resources: Record<string, Described>;
  types: Record<string, Described>;
}

let schema: Schema | undefined;

/** Throws when outputs are not what the schema says of the resource. */
export function mustFit(type: string, outputs: PulumiObject, preview: boolean): void {
  schema ??= JSON.parse(readFileSync("dist/pulumi-schema.json", "utf8")) as Schema;
  const { properties, required = [] } = schema.resources[type]!;
  for (const [name, value] of Object.entries(outputs)) {
    if (name.startsWith("__")) continue;
    if (!properties[name]) throw new Error(`${type} has an output ${name} that no schema knows`);
    const problem = misfit(properties[name], value, name);
    if (problem !== undefined) throw new Error(`${type}: ${problem}`);
  }
  const missing = required.filter((name) => outputs[name] === undefined);
  if (!preview && missing.length > 0) throw new Error(`${type} lacks ${missing.join(", ")}`);
}

function misfit(type: Type, given: PulumiValue, path: string): string | undefined {
  const value = given instanceof Sealed ? given.value : given;
  if (value === null || value instanceof Unknown) return undefined;
  if (type.oneOf) {
    const found = type.oneOf.map((one) => misfit(one, value, path));
    return found.includes(undefined) ? undefined : found[0];
  }
  if (type.$ref) {
    const { properties } = schema!.types[type.$ref.replace("#/types/", "")]!;
    if (!isObject(value)) return `${path} is no object`;
    return Object.entries(value)
      .map(([key, one]) => {
        const inner = properties[key];
        return inner ? misfit(inner, one, `${path}.${key}`) : `${path}.${key} is not known`;
      })
      .find((problem) => problem !== undefined);
  }
  const { items, additionalProperties: values } = type;
  if (type.type === "array") {
    if (!Array.isArray(value)) return `${path} is no list`;
    return value.map((one, at) => misfit(items!, one, `${path}[${at}]`)).find(Boolean);
  }
  if (type.type === "object") {
    if (!isObject(value)) return `${path} is no map`;
    return Object.entries(value)
      .map(([key, one]) => misfit(values ?? {}, one, `${path}.${key}`))
      .find(Boolean);
  }
  if (type.type === undefined) return undefined;
  const wanted = type.type === "integer" ? "number" : type.type;
  return typeof value === wanted ? undefined : `${path} is no ${type.type}`;
}

const SHORTEST = 6;
// The tests' keys are files.
const CREDENTIALS = new Set(["password", "privateKeyPassword", "becomePassword"]);

/** Every sealed text in a value, long enough that it does not occur by chance. */
export function secretsIn(value: PulumiValue | undefined, under = false): string[] {
  if (value instanceof Sealed) return secretsIn(value.value, true);
  if (Array.isArray(value)) return value.flatMap((one) => secretsIn(one, under));
  if (isObject(value)) {
    // A connection is sealed whole; what names its host is in addresses and errors all the same.
    const isConnection = under && "host" in value;
    const entries = Object.entries(value).filter(([key]) => !isConnection || CREDENTIALS.has(key));
    return entries.flatMap(([, one]) => secretsIn(one, under));
  }
  return under && typeof value === "string" && value.length >= SHORTEST ? [value] : [];
}
