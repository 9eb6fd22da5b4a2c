// The tag of a container's lines: the part of Go's templates that tags are written in. Pure.
import { FairleadError } from "../../../resources/model/errors.ts";
import { extraAttributes } from "./attributes.ts";
import type { LogOptions, LogSource } from "./driver.ts";

const SHORT_ID = 12;
const HINT =
  "A tag has text, {{.ID}}, {{.FullID}}, {{.Name}}, {{.ImageID}}, {{.ImageFullID}}, " +
  '{{.ImageName}}, {{.Command}}, {{.DaemonName}}, {{index .ContainerLabels "NAME"}}, ' +
  "and behind each of them | lower, | upper, | title or | json.";

/** What moby's logger.Info answers to a template. */
const FIELDS: Readonly<Record<string, (source: LogSource) => string>> = {
  ID: ({ id }) => id.slice(0, SHORT_ID),
  FullID: ({ id }) => id,
  ContainerID: ({ id }) => id,
  Name: ({ name }) => name,
  ContainerName: ({ name }) => `/${name}`,
  ImageID: ({ imageId }) => shortImageId(imageId),
  ImageFullID: ({ imageId }) => imageId,
  ContainerImageID: ({ imageId }) => imageId,
  ImageName: ({ imageName }) => imageName,
  ContainerImageName: ({ imageName }) => imageName,
  Command: ({ command }) => command,
  ContainerCommand: ({ command }) => command,
  DaemonName: () => "docker",
};

const FUNCTIONS: Readonly<Record<string, (text: string) => string>> = {
  lower: (text) => text.toLowerCase(),
  upper: (text) => text.toUpperCase(),
  title: (text) => text.replace(/(^|\s)(\S)/g, (_, space, first) => space + first.toUpperCase()),
  json: (text) => JSON.stringify(text),
};

const INDEX = /^index\s+\.(ContainerLabels|Config)\s+"([^"]*)"$/;
const EXTRA = /^\(?\s*\.ExtraAttributes\s+nil\s*\)?$/;

/** The tag, `usual` where no option says another; `invalid` for what no tag can have. */
export function logTag(options: LogOptions, source: LogSource, usual = "{{.ID}}"): string {
  const template = options.tag || usual;
  const text = template.replace(/\{\{-?\s*(.*?)\s*-?\}\}/g, (_, action: string) => {
    const [first = "", ...functions] = action.split("|").map((part) => part.trim());
    return functions.reduce(
      (value, name) => known(FUNCTIONS, name, template)(value),
      textOf(first, options, source, template),
    );
  });
  if (text.includes("{{") && template.lastIndexOf("{{") > template.lastIndexOf("}}")) {
    throw refusal(template, "an action is not closed");
  }
  return text;
}

function textOf(
  expression: string,
  options: LogOptions,
  source: LogSource,
  template: string,
): string {
  const [, map, key = ""] = INDEX.exec(expression) ?? [];
  if (map === "ContainerLabels") return source.labels[key] ?? "";
  if (map === "Config") return options[key] ?? "";
  if (EXTRA.test(expression)) return goMap(extraAttributes(options, source));
  const [, literal] = /^"([^"]*)"$/.exec(expression) ?? [];
  if (literal !== undefined) return literal;
  const [, field = ""] = /^\.(\w+)$/.exec(expression) ?? [];
  return known(FIELDS, field, template)(source);
}

function known<T>(table: Readonly<Record<string, T>>, name: string, template: string): T {
  const found = Object.hasOwn(table, name) ? table[name] : undefined;
  if (found !== undefined) return found;
  throw refusal(template, `can't evaluate ${name.slice(0, 40) || "that"}`);
}

function refusal(template: string, reason: string): FairleadError {
  const shown = JSON.stringify(template.slice(0, 100));
  return new FairleadError("invalid", `template: log-tag: ${shown}: ${reason}`, { hint: HINT });
}

function shortImageId(id: string): string {
  return id.replace(/^sha256:/, "").slice(0, SHORT_ID);
}

/** As Go prints a map. */
function goMap(attributes: Record<string, string>): string {
  const pairs = Object.entries(attributes).map(([key, value]) => `${key}:${value}`);
  return `map[${pairs.join(" ")}]`;
}
