// One stack of the list: a folder with Compose files as public projects have them, and stack.yaml
// beside them, which says what to ask of it and what to edit.
import { cpSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import * as z from "zod";

const FOLDER = "test/stacks";

const request = z.strictObject({
  /** `8080/path`, on the first host, or `h2:8080/path`. */
  at: z.string(),
  /** Regular expressions that the answer must match. */
  expect: z.array(z.string()),
});

const schema = z.strictObject({
  /** The Compose files; what the folder has by Compose's rules when absent. */
  files: z.array(z.string()).exactOptional(),
  profiles: z.array(z.string()).exactOptional(),
  /** Lab hosts, h1 and so on; the file then says where services run. */
  hosts: z.int().default(1),
  /** Docker commands on the first host before and after, for what is external. */
  before: z.array(z.string()).default([]),
  after: z.array(z.string()).default([]),
  requests: z.array(request).default([]),
  edit: z
    .strictObject({
      file: z.string().default("compose.yaml"),
      from: z.string(),
      to: z.string(),
      /** What the plan must show of it. */
      plan: z.array(z.string()),
      requests: z.array(request).default([]),
    })
    .exactOptional(),
  /** It asks for what no lab host has: refused at plan with this sentence. */
  refused: z.string().exactOptional(),
});
export type Expected = z.output<typeof schema>;
export type Request = z.output<typeof request>;

export interface Stack {
  name: string;
  folder: string;
  expected: Expected;
}

/** Every stack, by name. */
export function stacks(): Stack[] {
  return readdirSync(FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(FOLDER, entry.name, "stack.yaml")))
    .map(({ name }) => stackOf(name))
    .sort((a, b) => a.name.localeCompare(b.name));
}

export function stackOf(name: string): Stack {
  const folder = join(FOLDER, name);
  const text = readFileSync(join(folder, "stack.yaml"), "utf8");
  return { name, folder, expected: schema.parse(parse(text)) };
}

/** Every image that its files name, with variables as they default, before and after the edit. */
export function imagesOf({ folder, expected }: Stack): string[] {
  const { from = "", to = "" } = expected.edit ?? {};
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return files
    .filter((name) => /compose.*\.ya?ml$|^common\.yaml$/.test(name))
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .flatMap((text) => [text, from === "" ? text : text.replaceAll(from, to)])
    .flatMap((text) => valuesOf("image", parse(text, { merge: true })))
    .concat(
      files.filter((name) => /Dockerfile/.test(name)).flatMap((name) => basesOf(folder, name)),
    )
    .map(plain)
    .filter((reference) => reference !== "");
}

function basesOf(folder: string, name: string): string[] {
  const text = readFileSync(join(folder, name), "utf8");
  const stages = new Set([...text.matchAll(/^FROM .* AS (\S+)/gm)].map(([, stage]) => stage));
  return [...text.matchAll(/^FROM (\S+)/gm)]
    .map(([, from = ""]) => from)
    .filter((from) => !stages.has(from));
}

/** The texts under a key, at any depth. */
function valuesOf(wanted: string, value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => valuesOf(wanted, one));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) =>
    key === wanted && typeof one === "string" ? [one] : valuesOf(wanted, one),
  );
}

/** Copies what a user would have; stack.yaml is the test's. */
export function copyTo({ folder }: Stack, target: string): void {
  const filter = (path: string) => path !== join(folder, "stack.yaml");
  cpSync(folder, target, { recursive: true, filter, verbatimSymlinks: true });
}

// `${VERSION:-1.2}` is 1.2 unless the folder's .env says otherwise, which these do not.
function plain(reference: string): string {
  const text = reference.replace(/\$\{\w+:?-([^}]*)\}/g, "$1");
  if (/[${}]/.test(text)) return "";
  return /:[^/]+$|@/.test(text) ? text : `${text}:latest`;
}
