// The pages of the docs in the form of Terraform's registry, from the provider's own attributes.
// Run by `npm run generate`; a test holds the files in docs/terraform/ against it.
import { DATA_SOURCES, EPHEMERALS, RESOURCES } from "../catalog.ts";
import type { Attribute, AttributeType } from "../schema/attribute.ts";
import { FUNCTIONS, type ProviderFunction } from "../schema/functions.ts";
import { providerAttributes } from "../session/settings.ts";
import { SOURCE } from "../setup/place.ts";
import { exampleOf } from "./examples.ts";
import { GUIDES } from "./guides.ts";

const IMPORT_IDS: Record<string, string> = {
  fairlead_host: "[NAME=]ADDRESS",
  fairlead_compose_stack: "HOST[,HOST]/NAME",
};

/** Every page by its path below docs/terraform/. */
export function docs(): Record<string, string> {
  const pages: Record<string, string> = { "index.md": indexPage() };
  for (const one of RESOURCES) {
    const address = `${one.name}.NAME`;
    const id = IMPORT_IDS[one.name] ?? "HOST/NAME";
    const imports = `\n## Import\n\n${fenced("shell", `terraform import ${address} ${id}`)}`;
    pages[`resources/${short(one.name)}.md`] = page(one, "Resource") + imports;
  }
  for (const one of DATA_SOURCES) {
    pages[`data-sources/${short(one.name)}.md`] = page(one, "Data Source");
  }
  for (const one of EPHEMERALS) {
    pages[`ephemeral-resources/${short(one.name)}.md`] = page(one, "Ephemeral Resource");
  }
  for (const [name, one] of Object.entries(FUNCTIONS)) {
    pages[`functions/${name}.md`] = functionPage(name, one);
  }
  for (const [name, { title, doc, text }] of Object.entries(GUIDES)) {
    pages[`guides/${name}.md`] = head(title, doc) + text;
  }
  return pages;
}

interface Page {
  name: string;
  doc: string;
  attributes: Attribute[];
}

function page({ name, doc, attributes }: Page, kind: string): string {
  const nested: string[] = [];
  const example = exampleOf(name);
  return (
    head(`${name} (${kind})`, doc) +
    (example ? `## Example Usage\n\n${fenced("terraform", example)}\n` : "") +
    `## Schema\n\n${sections(attributes, name, nested)}${nested.join("")}`
  );
}

function indexPage(): string {
  const nested: string[] = [];
  return (
    head("fairlead Provider", "Containers on bare Linux hosts over SSH: no Docker needed there.") +
    `Put it where terraform finds it with \`npx fairlead terraform install\`; it needs Node 20.19 or
newer on the machine that runs Terraform. \`npx fairlead terraform doctor\` says why it does
not start.

## Example Usage

${fenced("terraform", `${requirement()}\n\n${exampleOf("provider")}`)}
How a host is reached is declared with \`fairlead_host\`. Keys and passwords that must get into no
state are its write-only attributes, such as \`private_key_wo\`, or are given in the provider block;
both may be ephemeral. Terraform starts the provider several times in a run and tells the later
processes little, so how hosts are reached, write-only values too, lies between them in
\`.terraform/fairlead-hosts.json\`, readable by you only: apply a saved plan where it was made.

A change that needs another container or network (a port, the image, a subnet) is an update in
place for Terraform: the provider makes the object anew as \`fairlead up\` does. The image comes
first, the old container is kept aside until the new one is well, and runs again when it is not;
then the state stays as it was. The new one starts before the old one stops, unless both have a
port, an address or a volume that they write to. The plan shows \`container_id\` as known after
apply, and in \`replacement\` the order and the cause. Only another \`host\`, and what you force
(\`-replace\`, \`replace_triggered_by\`), destroys and creates.

## Schema

${sections(providerAttributes, "provider", nested)}${nested.join("")}`
  );
}

function functionPage(name: string, { summary, doc, parameters }: ProviderFunction): string {
  const names = parameters.map((one) => `${one.name} ${one.type.kind}`).join(", ");
  const list = parameters.map((one) => `1. \`${one.name}\` (${one.type.kind}) ${one.doc}\n`);
  return `${head(`${name} function`, `${summary}.`)}${doc}

## Example Usage

${fenced("terraform", exampleOf(name) ?? "")}
## Signature

${fenced("text", `${name}(${names})`)}
## Arguments

${list.join("")}`;
}

function sections(attributes: readonly Attribute[], path: string, nested: string[]): string {
  const groups: [string, Attribute[]][] = [
    ["Required", attributes.filter(({ mode }) => mode === "required")],
    ["Optional", attributes.filter(({ mode }) => mode === "optional" || mode === "defaulted")],
    ["Read-Only", attributes.filter(({ mode }) => mode === "computed")],
  ];
  return groups
    .filter(([, list]) => list.length > 0)
    .map(([title, list]) => {
      const lines = list.map((one) => line(one, path, nested));
      return `### ${title}\n\n${lines.join("")}\n`;
    })
    .join("");
}

function line(one: Attribute, path: string, nested: string[]): string {
  const notes = [
    typeName(one.type),
    ...(one.sensitive ? ["Sensitive"] : []),
    ...(one.writeOnly ? ["Write-only"] : []),
  ];
  const inner = attributesIn(one.type);
  const anchor = `nested--${path}--${one.name}`;
  const see = inner ? ` (see [below](#${anchor}))` : "";
  if (inner) {
    const at = nested.length;
    nested.push("");
    const below = sections(inner, `${path}--${one.name}`, nested);
    nested[at] = `<a id="${anchor}"></a>\n## Nested Schema for \`${one.name}\`\n\n${below}`;
  }
  const rule =
    one.rule === "replace" && one.mode !== "computed" ? " A change makes the object anew." : "";
  const otherwise = one.default === undefined ? "" : ` Default: ${one.default}.`;
  return `- \`${one.name}\` (${notes.join(", ")}) ${one.doc}${otherwise}${rule}${see}\n`;
}

function attributesIn(type: AttributeType): Attribute[] | undefined {
  if (type.kind === "object") return type.attributes;
  return type.kind === "list" || type.kind === "map" ? attributesIn(type.of) : undefined;
}

function typeName(type: AttributeType): string {
  if (type.kind === "list" || type.kind === "map") {
    return `${type.kind === "list" ? "List" : "Map"} of ${typeName(type.of)}`;
  }
  return { string: "String", number: "Number", bool: "Boolean", object: "Object" }[type.kind];
}

function requirement(): string {
  return `terraform {
  required_providers {
    fairlead = { source = "${SOURCE}" }
  }
}`;
}

function head(title: string, doc: string): string {
  const [first = title] = title.split(" (");
  return `---
page_title: "${title}"
subcategory: ""
description: ${JSON.stringify(doc)}
---

# ${first}${title.includes(" (") ? ` (${title.split(" (")[1]}` : ""}

${doc}

`;
}

function fenced(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\`\n`;
}

function short(name: string): string {
  return name.replace(/^fairlead_/, "");
}
