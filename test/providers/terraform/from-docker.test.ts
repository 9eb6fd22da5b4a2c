// The tables for who comes from the Docker providers: each attribute of kreuzwerker/docker 4.5 is
// in them once, what they name of ours is there, and pulumi-docker and its builds have no others.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { DATA_SOURCES, RESOURCES } from "../../../providers/terraform/catalog.ts";
import { SECTIONS } from "../../../providers/terraform/docs/from-docker.ts";
import {
  type Attribute,
  type AttributeType,
  camelCase,
} from "../../../providers/terraform/schema/attribute.ts";
import names from "./docker-provider.json" with { type: "json" };

const words = (lines: readonly string[]) => lines.join(" ").split(" ").filter(Boolean);
const theirs = (section: (typeof SECTIONS)[number]) => words(section.rows.map(([one]) => one));

test.each(Object.entries(names.terraform))("every attribute of %s is told once", (name, lines) => {
  const section = SECTIONS.find((one) => one.theirs === name)!;
  expect(theirs(section).sort()).toEqual(words(lines).sort());
});

test.each(SECTIONS.flatMap(({ ours, rows }) => (ours ? [{ ours, rows }] : [])))(
  "what is named of $ours is there",
  ({ ours, rows }) => {
    const [, name] = /^(?:data\.)?(.*)$/.exec(ours)!;
    const kinds = ours.startsWith("data.") ? DATA_SOURCES : RESOURCES;
    const { attributes } = kinds.find((one) => one.name === name)!;
    const named = words(rows.map(([, one]) => one));
    expect(named.filter((path) => !has(attributes, path.split(".")))).toEqual([]);
  },
);

test("what has no attribute here is said in words", () => {
  const rows = SECTIONS.flatMap((section) => section.rows);
  expect(rows.filter(([, ours, note]) => ours === "" && !note)).toEqual([]);
});

// The bridge to Pulumi makes plurals of lists: `dnsSearches`, `entrypoints`, `ulimits`.
test.each(Object.entries(names.pulumi))("pulumi-docker's %s has no others", (name, lines) => {
  const section = SECTIONS.find((one) => one.theirs === name)!;
  const known = theirs(section).map((one) => camelCase(one.split(".")[0]!));
  const found = (input: string) => [input, input.slice(0, -1), input.slice(0, -2)];
  expect(words(lines).filter((one) => !found(one).some((form) => known.includes(form)))).toEqual(
    [],
  );
});

test("every input of pulumi-docker's Image and of docker-build is in the page of Pulumi", () => {
  const page = readFileSync("docs/pulumi/README.md", "utf8");
  const table = page.slice(page.indexOf("## Coming from the Docker provider"));
  const told = new Set([...table.matchAll(/`(\w+)`/g)].map(([, name]) => name));
  expect(words(names.pulumiBuild).filter((name) => !told.has(name))).toEqual([]);
});

function has(attributes: readonly Attribute[], [head, ...rest]: string[]): boolean {
  const found = attributes.find(({ name }) => name === head);
  if (found === undefined || rest.length === 0) return found !== undefined;
  const inside = membersOf(found.type);
  return inside !== undefined && has(inside, rest);
}

function membersOf(type: AttributeType): readonly Attribute[] | undefined {
  if (type.kind === "object") return type.attributes;
  return type.kind === "list" || type.kind === "map" ? membersOf(type.of) : undefined;
}
