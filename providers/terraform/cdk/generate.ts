// Writes the classes of the CDKTF bindings from the provider's own attributes, as text. Run by
// `npm run generate`; a test holds the files in bindings/ against it.
import { DATA_SOURCES, RESOURCES } from "../catalog.ts";
import { type Attribute, type AttributeType, camelCase } from "../schema/attribute.ts";
import { providerAttributes } from "../session/settings.ts";

const HEAD =
  "// Generated from the provider's attributes by `npm run generate`; not edited by hand.\n";
// cdktf has a member of this name for provisioners, so the fields of a host go by another one
// inside.
const PROPERTY: Record<string, string> = { connect: "connection" };
// The construct ComposeStack, which programs use, is made of this one.
const CLASS: Record<string, string> = { fairlead_compose_stack: "ComposeStackResource" };

interface Binding {
  name: string;
  type: string;
  doc: string;
  attributes: Attribute[];
  base: "FairleadResource" | "FairleadData";
}

/** Every generated file by its name. */
export function generate(): Record<string, string> {
  const bindings = [
    ...RESOURCES.map((one): Binding => {
      const { name: type, doc, attributes } = one;
      return { name: className(type), type, doc, attributes, base: "FairleadResource" };
    }),
    ...DATA_SOURCES.map((one): Binding => {
      const { name: type, doc, attributes } = one;
      return { name: `Data${className(type)}`, type, doc, attributes, base: "FairleadData" };
    }),
  ];
  const files: Record<string, string> = { "provider.ts": providerFile() };
  for (const one of bindings) {
    files[`${kebab(one.name)}-config.ts`] = configFile(one);
    files[`${kebab(one.name)}.ts`] = classFile(one);
  }
  const exported = Object.keys(files).map((file) => `export * from "./${file}";\n`);
  files["index.ts"] = HEAD + exported.sort().join("");
  return files;
}

function configFile({ name, attributes, doc }: Binding): string {
  const nested: string[] = [];
  const given = attributes.filter(({ mode }) => mode !== "computed");
  const members = membersOf(name, given, nested);
  const meta = given.some(({ name: one }) => one === "connect")
    ? 'Omit<TerraformMetaArguments, "connection">'
    : "TerraformMetaArguments";
  const used = /IResolvable/.test(members + nested.join("")) ? "IResolvable, " : "";
  return (
    `${HEAD}import type { ${used}TerraformMetaArguments } from "cdktf";\n` +
    `import type { Table } from "../construct/base.ts";\n\n` +
    `${nested.join("\n")}\n/** ${doc} */\n` +
    `export interface ${name}Config extends ${meta} {\n${members}}\n\n` +
    `export const ${tableName(name)}: Table = ${tableOf(given, 0)};\n`
  );
}

function classFile({ name, type, doc, attributes, base }: Binding): string {
  const members = attributes.flatMap((one) => accessors(name, one)).join("\n");
  const resource = base === "FairleadResource";
  const names = [
    ...(resource ? ["ImportableResource"] : []),
    ...(members.includes("IResolvable") ? ["type IResolvable"] : []),
    ...(resource ? ["type TerraformProvider"] : []),
  ];
  const imported = names.length > 0 ? `import { ${names.join(", ")} } from "cdktf";\n` : "";
  const importer =
    base === "FairleadResource"
      ? `  /** Code for importing an existing object: \`importId\` is HOST/NAME. */
  static generateConfigForImport(
    scope: Construct,
    importToId: string,
    importId: string,
    provider?: TerraformProvider,
  ): ImportableResource {
    const terraformResourceType = "${type}";
    const given = { terraformResourceType, importId, ...(provider ? { provider } : {}) };
    return new ImportableResource(scope, importToId, given);
  }

`
      : "";
  return `${HEAD}${imported}import type { Construct } from "constructs";
import { ${base} } from "../construct/base.ts";
import { type ${name}Config, ${tableName(name)} } from "./${kebab(name)}-config.ts";

/** ${doc} */
export class ${name} extends ${base} {
  static readonly tfResourceType: string = "${type}";

${importer}  constructor(scope: Construct, id: string, config: ${name}Config) {
    super(scope, id, "${type}", ${tableName(name)}, config);
  }

${members}
}
`;
}

function providerFile(): string {
  const nested: string[] = [];
  return `${HEAD}import type { IResolvable } from "cdktf";
import type { Construct } from "constructs";
import { FairleadProviderBase, type Table } from "../construct/base.ts";

/** The provider block. */
export interface FairleadProviderConfig {
${membersOf("FairleadProvider", providerAttributes, nested)}  /** For another project. */
  readonly alias?: string;
}

const PROVIDER: Table = ${tableOf(providerAttributes, 0)};

/** The provider of containers on Linux hosts over SSH. */
export class FairleadProvider extends FairleadProviderBase {
  static readonly tfResourceType: string = "fairlead";

  constructor(scope: Construct, id: string, config: FairleadProviderConfig = {}) {
    super(scope, id, PROVIDER, config);
  }
}
`;
}

function membersOf(owner: string, attributes: Attribute[], nested: string[]): string {
  return attributes
    .map((one) => {
      const property = propertyOf(one);
      const optional = one.mode === "required" ? "" : "?";
      const type = typeText(nestedName(owner, property), one.type, nested);
      const note = one.default === undefined ? "" : ` Default: ${one.default}.`;
      return `${comment(one.doc + note)}  readonly ${property}${optional}: ${type};\n`;
    })
    .join("");
}

// The config of an image must not have the name of the config of its resource.
function nestedName(owner: string, property: string): string {
  return property === "config" ? `${owner}Defaults` : `${owner}${capital(property)}`;
}

function typeText(name: string, type: AttributeType, nested: string[]): string {
  switch (type.kind) {
    case "string":
      return "string";
    case "number":
      return "number";
    case "bool":
      return "boolean | IResolvable";
    case "list":
      return `${grouped(typeText(name, type.of, nested))}[]`;
    case "map":
      return `{ [key: string]: ${typeText(name, type.of, nested)} }`;
    case "object":
      nested.push(`export interface ${name} {\n${membersOf(name, type.attributes, nested)}}\n`);
      return name;
  }
}

function accessors(owner: string, one: Attribute): string[] {
  const property = one.name === "connect" ? "connect" : propertyOf(one);
  if (property === "id")
    return [`  get id(): string {\n    return this.getStringAttribute("id");\n  }\n`];
  const [type, read] = reading(one);
  const body = `  get ${property}(): ${type} {\n    return ${read};\n  }\n`;
  const getter = `${comment(one.doc)}${body}`;
  if (one.mode === "computed" || one.name === "connect") return [getter];
  const field = propertyOf(one);
  const given = `${owner}Config["${field}"]`;
  const reset =
    one.mode === "required"
      ? ""
      : `  reset${capital(property)}(): void {\n    this.put("${field}", undefined);\n  }\n`;
  return [
    `${getter}  get ${property}Input(): ${given} | undefined {
    return this.given("${field}") as ${given} | undefined;
  }
  put${capital(property)}(value: ${given}): void {
    this.put("${field}", value);
  }
${reset}`,
  ];
}

function reading({ name, type }: Attribute): [type: string, read: string] {
  const of = "of" in type ? type.of.kind : "";
  if (type.kind === "string") return ["string", `this.getStringAttribute("${name}")`];
  if (type.kind === "number") return ["number", `this.getNumberAttribute("${name}")`];
  if (type.kind === "list" && of === "string") {
    return ["string[]", `this.getListAttribute("${name}")`];
  }
  if (type.kind === "map" && of === "string") {
    return ["{ [key: string]: string }", `this.getStringMapAttribute("${name}")`];
  }
  return ["IResolvable", `this.interpolationForAttribute("${name}")`];
}

function tableOf(attributes: Attribute[], depth: number): string {
  const indent = "  ".repeat(depth + 1);
  const rows = attributes.map((one) => {
    return `${indent}["${propertyOf(one)}", "${one.name}", ${tableType(one.type, depth + 1)}],\n`;
  });
  return `[\n${rows.join("")}${"  ".repeat(depth)}]`;
}

function tableType(type: AttributeType, depth: number): string {
  if (type.kind === "object") return `["object", ${tableOf(type.attributes, depth)}]`;
  if (type.kind === "list" || type.kind === "map") {
    return `["${type.kind}", ${tableType(type.of, depth)}]`;
  }
  return '"plain"';
}

function comment(doc: string): string {
  const words = oneLine(doc).split(" ");
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < 88) lines[lines.length - 1] += ` ${word}`;
    else lines.push(word);
  }
  if (lines.length === 1) return `  /** ${lines[0]} */\n`;
  return `  /**\n${lines.map((line) => `   * ${line}\n`).join("")}   */\n`;
}

function oneLine(doc: string): string {
  return doc.replaceAll("*/", "* /").slice(0, 600);
}

function propertyOf({ name }: Attribute): string {
  return PROPERTY[name] ?? camelCase(name);
}

function className(type: string): string {
  return CLASS[type] ?? capital(camelCase(type.replace(/^fairlead_/, "")));
}

function tableName(name: string): string {
  return kebab(name).replaceAll("-", "_").toUpperCase();
}

function kebab(name: string): string {
  return name.replace(/(?!^)[A-Z]/g, "-$&").toLowerCase();
}

function capital(name: string): string {
  return `${name[0]!.toUpperCase()}${name.slice(1)}`;
}

function grouped(type: string): string {
  return type.includes("|") ? `(${type})` : type;
}
