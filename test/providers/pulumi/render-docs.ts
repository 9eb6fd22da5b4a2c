// A page of a resource or function as Pulumi's registry shows one, from the package schema.
import {
  type Declared,
  exampleText,
  LANGUAGES,
} from "../../../providers/pulumi/schema/examples.ts";

export interface Property {
  description: string;
  type?: string;
  $ref?: string;
  items?: Property;
  additionalProperties?: Property;
  oneOf?: Property[];
  secret?: boolean;
  willReplaceOnChanges?: boolean;
}
export interface Described {
  description: string;
  properties?: Record<string, Property>;
  inputProperties?: Record<string, Property>;
  requiredInputs?: string[];
  inputs?: Described & { required?: string[] };
  outputs?: Described;
}
export type Types = Record<string, { properties: Record<string, Property>; required?: string[] }>;

/** The page of a resource. */
export function resourcePage(
  name: string,
  described: Described,
  types: Types,
  example: readonly Declared[],
): string {
  const { description, inputProperties = {}, properties = {}, requiredInputs = [] } = described;
  const [doc = "", imported] = description.split("\n\n## Import\n\n");
  const own = Object.fromEntries(
    Object.entries(properties).filter(([key]) => !Object.hasOwn(inputProperties, key)),
  );
  return page(name, doc.split("\n\n{{% examples")[0]!, [
    "## Example Usage",
    examples(example),
    "## Inputs",
    list(inputProperties, requiredInputs),
    "## Outputs",
    "All inputs are outputs too. Beside them:",
    list(own, []),
    ...supporting([inputProperties], types),
    ...(imported ? ["## Import", imported] : []),
  ]);
}

/** The page of a function. */
export function functionPage(
  name: string,
  { description, inputs, outputs }: Described,
  types: Types,
) {
  const given = inputs?.properties ?? {};
  const found = outputs?.properties ?? {};
  return page(name, description, [
    "## Using it",
    `\`${name}\` gives a promise, \`${name}Output\` takes and gives outputs.`,
    "## Inputs",
    list(given, inputs?.required ?? []),
    "## Outputs",
    list(found, []),
    ...supporting([given, found], types),
  ]);
}

/** The page on installing the package and on the provider's settings. */
export function settingsPage(variables: Record<string, Property>): string {
  const head = [
    "---",
    "title: fairlead Installation & Configuration",
    "meta_desc: How to install and configure the fairlead provider for Pulumi.",
    "layout: package",
    "---",
  ].join("\n");
  const parts = [
    "## Installation",
    "- JavaScript and TypeScript: `npm install fairlead` (also with pnpm or yarn)",
    "- other languages: `pulumi package add node_modules/fairlead/dist/pulumi-resource-fairlead`",
    "## Configuration",
    "`pulumi config set fairlead:NAME VALUE`, with `--secret` for what is secret:",
    list(variables, []),
  ];
  return `${[head, ...parts, TAIL].join("\n\n")}\n`;
}

const TAIL = "This page is made from the declaration by `npm run docs`.";

function page(name: string, description: string, parts: string[]): string {
  const head = [
    "---",
    `title: "${name}"`,
    `title_tag: "fairlead.${name}"`,
    `meta_desc: "Documentation for fairlead.${name} with examples, input properties and outputs."`,
    "layout: api",
    "no_edit_this_page: true",
    "---",
  ].join("\n");
  return `${[head, description, ...parts, TAIL].join("\n\n")}\n`;
}

function examples(declared: readonly Declared[]): string {
  const blocks = LANGUAGES.map((language) => {
    const text = `\`\`\`${language}\n${exampleText(declared, language)}\n\`\`\``;
    return `{{% choosable language ${language} %}}\n\n${text}\n\n{{% /choosable %}}`;
  });
  const chooser = `{{< chooser language "${LANGUAGES.join(",")}" >}}`;
  return `${chooser}\n\n${blocks.join("\n\n")}\n\n{{< /chooser >}}`;
}

function list(properties: Record<string, Property>, required: readonly string[]): string {
  const lines = Object.entries(properties).map(([name, one]) => {
    const marks = [
      ...(required.includes(name) ? ["required"] : []),
      ...(one.secret ? ["secret"] : []),
      ...(one.willReplaceOnChanges ? ["a change replaces it"] : []),
    ];
    const more = marks.length > 0 ? `; ${marks.join("; ")}` : "";
    return `- **\`${name}\`** (${typeText(one)}${more}): ${one.description}`;
  });
  return lines.length > 0 ? lines.join("\n") : "None.";
}

function typeText({ type, $ref, items, additionalProperties, oneOf }: Property): string {
  if (oneOf) return oneOf.map(typeText).join(" or ");
  if ($ref) return shortName($ref);
  if (type === "array") return `list of ${typeText(items!)}`;
  if (type === "object") return `map of ${typeText(additionalProperties!)}`;
  return { string: "text", boolean: "bool", integer: "integer", number: "number" }[type!]!;
}

function shortName(reference: string): string {
  return reference.split(":").at(-1)!;
}

/** The object types that properties lead to, in the order in which they are met. */
function supporting(properties: Record<string, Property>[], types: Types): string[] {
  const found = new Map<string, string>();
  const visit = (one: Property): void => {
    for (const inner of [one.items, one.additionalProperties, ...(one.oneOf ?? [])]) {
      if (inner) visit(inner);
    }
    const name = one.$ref?.replace("#/types/", "");
    if (name === undefined || found.has(name)) return;
    const { properties: fields, required = [] } = types[name]!;
    found.set(name, `### ${shortName(name)}\n\n${list(fields, required)}`);
    for (const inner of Object.values(fields)) visit(inner);
  };
  for (const one of properties) for (const each of Object.values(one)) visit(each);
  return found.size > 0 ? ["## Supporting Types", ...found.values()] : [];
}
