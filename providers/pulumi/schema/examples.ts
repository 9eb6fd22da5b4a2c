// One example per resource and function as a value, and its text in TypeScript, Python and YAML:
// for the schema, from which SDKs and the registry take it, and for the docs.
import { KINDS } from "../../../resources/kinds/registry.ts";
import { capital } from "./property.ts";

/** Another resource of the example, where its id, name or content is asked for. */
export class Reference {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

export interface Declared {
  /** Name of its variable. */
  variable: string;
  type: string;
  /** Name of the resource. */
  name: string;
  inputs: Value;
}

type Value = string | number | boolean | Reference | Value[] | { [key: string]: Value };
type Language = "typescript" | "python" | "yaml";
export const LANGUAGES: readonly Language[] = ["typescript", "python", "yaml"];

const the = (name: string) => new Reference(name);
const host: Declared = {
  ...{ variable: "host", type: "Host", name: "web-1" },
  inputs: { connection: { host: "203.0.113.10", user: "root", privateKey: "~/.ssh/id_ed25519" } },
};
const on = (type: string, name: string, inputs: { [key: string]: Value } = {}): Declared => ({
  ...{ variable: name, type, name },
  inputs: { host: the("host"), ...inputs },
});
const network = on("Network", "backend");
const volume = on("Volume", "data");
const image = on("Image", "app", { name: "registry.example.com/app:1.4" });

/** What each example declares; the last one is what it is about. */
export const EXAMPLES: Record<string, Declared[]> = {
  Host: [host],
  Image: [host, image],
  Network: [host, { ...network, inputs: { host: the("host"), internal: true } }],
  Volume: [host, { ...volume, inputs: { host: the("host"), labels: { backup: "daily" } } }],
  Container: [
    host,
    network,
    volume,
    image,
    on("Container", "web", {
      ...{ image: the("app"), ports: ["80:8080"], restart: "unless-stopped" },
      mounts: [{ volume: the("data"), target: "/data" }],
      networks: [{ network: the("backend"), aliases: ["web"] }],
      healthcheck: { test: ["CMD", "wget", "-qO-", "localhost:8080"], interval: "5s" },
    }),
  ],
  ComposeStack: [host, on("ComposeStack", "shop", { files: ["compose.yaml"] })],
};

/** The example of a resource: written here, or made of the sample that a kind has of itself. */
export function exampleOf(type: string): Declared[] | undefined {
  if (EXAMPLES[type]) return EXAMPLES[type];
  const kind = KINDS.find(({ title }) => title === type);
  return kind && [host, on(type, kind.sample.name, kind.sample.spec as { [key: string]: Value })];
}

const STANDS_FOR: Record<string, string> = {
  ...{ Host: "id", Image: "ref", Network: "name", Volume: "name", Container: "name" },
};

/** The program, without what goes round it. */
export function exampleText(declared: readonly Declared[], language: Language): string {
  if (language === "yaml") return yamlText(declared);
  const one = language === "python" ? pythonText : typescriptText;
  const head =
    language === "python"
      ? "import pulumi_fairlead as fairlead\n"
      : 'import * as fairlead from "fairlead/pulumi";\n';
  return [head, ...declared.map((each) => one(each, declared))].join("\n");
}

/** The examples as they stand in a description of the schema. */
export function exampleSection(type: string): string {
  const declared = exampleOf(type);
  if (!declared) return "";
  const blocks = LANGUAGES.map((language) => {
    return `\`\`\`${language}\n${exampleText(declared, language)}\n\`\`\``;
  });
  const head = "{{% examples %}}\n## Example Usage\n{{% example %}}";
  const tail = "{{% /example %}}\n{{% /examples %}}";
  return `\n\n${head}\n\n${blocks.join("\n\n")}\n${tail}`;
}

function typescriptText({ variable, type, name, inputs }: Declared): string {
  return `const ${variable} = new fairlead.${type}("${name}", ${scriptValue(inputs, 0)});`;
}

function scriptValue(value: Value, depth: number): string {
  if (value instanceof Reference) return value.name;
  if (Array.isArray(value)) {
    return `[${value.map((one) => scriptValue(one, depth + 1)).join(", ")}]`;
  }
  if (typeof value !== "object") return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, one]) => {
    const text = scriptValue(one, depth + 1);
    return key === text ? key : `${key}: ${text}`;
  });
  if (depth > 0) return `{ ${entries.join(", ")} }`;
  return `{\n${entries.map((entry) => `    ${entry},\n`).join("")}}`;
}

function pythonText({ variable, type, name, inputs }: Declared, all: readonly Declared[]): string {
  const entries = Object.entries(inputs).map(([key, value]) => {
    return `    ${snake(key)}=${pythonValue(value, all)}`;
  });
  return `${variable} = fairlead.${type}("${name}",\n${entries.join(",\n")})`;
}

function pythonValue(value: Value, all: readonly Declared[]): string {
  if (value instanceof Reference) return `${value.name}.${attribute(value, all)}`;
  if (Array.isArray(value)) return `[${value.map((one) => pythonValue(one, all)).join(", ")}]`;
  if (typeof value === "boolean") return capital(String(value));
  if (typeof value !== "object") return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, one]) => {
    return `"${snake(key)}": ${pythonValue(one, all)}`;
  });
  return `{${entries.join(", ")}}`;
}

function yamlText(all: readonly Declared[]): string {
  const resources = all.map(({ type, name, inputs }) => {
    const entries = Object.entries(inputs).map(([key, value]) => {
      return `      ${key}: ${yamlValue(value, all)}`;
    });
    return `  ${name}:\n    type: fairlead:${type}\n    properties:\n${entries.join("\n")}`;
  });
  return `resources:\n${resources.join("\n")}`;
}

function yamlValue(value: Value, all: readonly Declared[]): string {
  if (value instanceof Reference) {
    const { name } = all.find(({ variable }) => variable === value.name)!;
    return `\${${name}.${attribute(value, all)}}`;
  }
  if (Array.isArray(value)) return `[${value.map((one) => quoted(one, all)).join(", ")}]`;
  if (typeof value !== "object") return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, one]) => `${key}: ${quoted(one, all)}`);
  return `{ ${entries.join(", ")} }`;
}

// Inside a flow collection braces and colons would be its own.
function quoted(value: Value, all: readonly Declared[]): string {
  return value instanceof Reference ? JSON.stringify(yamlValue(value, all)) : yamlValue(value, all);
}

function attribute({ name }: Reference, all: readonly Declared[]): string {
  return STANDS_FOR[all.find(({ variable }) => variable === name)!.type]!;
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
