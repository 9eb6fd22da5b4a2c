// Every sentence of the engine, of the kinds and of Compose files as users of Terraform and Pulumi
// read it: without options, commands and field names of fairlead's own command.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { textOf } from "../../providers/pulumi/resource/failure.ts";
import { diagnosticsOf } from "../../providers/terraform/schema/diagnostic.ts";
import { typeOf } from "../../resources/kinds/shape.ts";
import { FairleadError } from "../../resources/model/errors.ts";

const SOURCES = ["resources", "providers/engine", "providers/compose"];
// The list of what is to be replaced.
const NOT_SHOWN = /report\/wording/;

const sentences = SOURCES.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(folder, file))
    .filter((file) => !NOT_SHOWN.test(file))
    .flatMap((file) => sentencesOf(file).map((text) => ({ file, text }))),
);

const COMMANDS = "up|down|plan|logs|ps|exec|host|run|start|stop|images|pull|build|rm";
const error = (text: string) => new FairleadError("invalid", text, { hint: text });
const tools = [
  {
    tool: "Terraform",
    said: (text: string) =>
      diagnosticsOf(error(text))
        .map(({ summary, detail }) => `${summary}\n${detail}`)
        .join("\n"),
    own: (field: string) => field.replace(/[A-Z]/g, (one) => `_${one.toLowerCase()}`),
  },
  { tool: "Pulumi", said: (text: string) => textOf(error(text)), own: (field: string) => field },
];

test.each(tools)("$tool's users read its own words", ({ said, own }) => {
  const inner = Object.keys(typeOf("host").shape).filter((name) => own(name) !== name);
  const foreign = new RegExp(
    [
      "(?<!uninstall) --(?!mount\\b)[a-z]",
      `(?<!npx )\\bfairlead (${COMMANDS})\\b`,
      "docker (logs|inspect)",
      ...inner.map((one) => `\\b${one}\\b`),
    ].join("|"),
  );
  const wrong = sentences.filter(({ text }) => foreign.test(said(text)));
  expect(wrong.map(({ file, text }) => `${file}: ${said(text)}`)).toEqual([]);
});

// Texts in quotes, with NAME for what is put into them; comments are no texts.
function sentencesOf(file: string): string[] {
  const code = readFileSync(file, "utf8").replace(/^\s*(\/\/|\*|\/\*).*$/gm, "");
  return [...code.matchAll(/"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g)]
    .map(([, plain, template]) => plain ?? template!.replace(/\$\{[^}]*\}/g, "NAME"))
    .map((text) => text.replace(/\\`/g, "`"))
    .filter((text) => /[a-z] [a-z-]/.test(text) && !text.includes("\n"));
}
