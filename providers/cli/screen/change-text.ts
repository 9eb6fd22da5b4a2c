// What differs of an object, in the words and the notation of who wrote the Compose file:
// `port 8081 -> 8082`, `env LOG_LEVEL info -> debug`, `volume /data cache -> data`.
import { type Kind, kindOf } from "../../../resources/kinds/registry.ts";
import { formAt, type TextForm } from "../../../resources/kinds/shape.ts";
import type { FieldChange, Printable } from "../../../resources/model/change.ts";
import { formatBytes, formatDuration } from "../../../resources/model/units.ts";
import { printableLine } from "../../compose/document/printable.ts";
import { composeKey } from "../../compose/translate/origin.ts";

/** Longer values are cut. */
const SHOWN = 60;
/** Words for one of the keys of a field that is not called by what it holds. */
const NOUNS: Readonly<Record<string, string>> = { env: "env", files: "file" };

/** More files of a project than this are only counted. */
const NAMED_FILES = 8;

/** What changes of a project's files, by name. */
export function fileTexts(changes: readonly FieldChange[]): string[] {
  const texts = changes.slice(0, NAMED_FILES).flatMap(fileText);
  const more = changes.length - NAMED_FILES;
  return more > 0 ? [...texts, `and ${more} more`] : texts;
}

/** One phrase for each change; ports that take each other's place are one. */
export function changeTexts(changes: readonly FieldChange[], kind: Kind): string[] {
  const ports = changes.filter(({ field }) => field.startsWith("ports."));
  const others = changes.filter((change) => !ports.includes(change));
  return [...others.flatMap((one) => textsOf(one, kind)), ...portTexts(ports)];
}

// The word for one key of a field that is compared key by key: `volume` of `volumes`.
function nounOf(field: string, kind: Kind): string | undefined {
  if (kindOf(kind).facets[field]?.compare !== "keys") return undefined;
  const plural = composeKey(field);
  return NOUNS[field] ?? (plural.endsWith("s") ? plural.slice(0, -1) : undefined);
}

function fileText(change: FieldChange): string {
  const path = change.field.slice("files.".length);
  return `file ${printableLine(path)} ${verbOf(change)}${drift(change)}`;
}

function textsOf(change: FieldChange, kind: Kind): string[] {
  const [head = "", ...rest] = change.field.split(".");
  const key = rest.join(".");
  if (key === "") return parts(change, composeKey(head), kind);
  const noun = nounOf(head, kind);
  if (noun === undefined) return parts(change, `${composeKey(head)}.${composeKey(key)}`, kind);
  if (head === "mounts") return [arrow(change, `${noun} ${key}`, mountText)];
  if (head === "files") return [fileText(change)];
  if (head === "networks" && (change.from === undefined || change.to === undefined)) {
    const verb = change.to === undefined ? "left" : "joined";
    return [`${noun} ${printableLine(key)} ${verb}${drift(change)}`];
  }
  return parts(change, `${noun} ${key}`, kind);
}

/** A value with keys tells those that differ, as in `healthcheck.interval 5s -> 10s`. */
function parts(change: FieldChange, name: string, kind: Kind): string[] {
  const { from, to } = change;
  if (!isKeyed(from) || !isKeyed(to)) {
    return [arrow(change, name, (value) => valueText(value, formAt(kind, change.field)))];
  }
  const keys = Object.keys({ ...from, ...to }).filter(
    (key) => JSON.stringify(from[key]) !== JSON.stringify(to[key]),
  );
  return keys.map((key) => {
    const inner = { ...change, field: `${change.field}.${key}`, from: from[key], to: to[key] };
    return arrow(inner as FieldChange, `${name}.${composeKey(key)}`, (value) =>
      valueText(value, formAt(kind, inner.field)),
    );
  });
}

/** `cpus 1 -> 2`, with what someone changed by hand marked as such. */
function arrow(change: FieldChange, name: string, text: (value: Printable) => string): string {
  const from = change.from === undefined ? "" : ` ${text(change.from)}`;
  const to = change.to === undefined ? " -> nothing" : ` -> ${text(change.to)}`;
  return `${printableLine(name)}${from}${to}${drift(change)}`;
}

function drift({ cause }: FieldChange): string {
  return cause === "drift" ? " (changed on the host)" : "";
}

function verbOf({ from, to }: FieldChange): string {
  if (from === undefined) return "added";
  return to === undefined ? "removed" : "changed";
}

interface Published {
  outside: string;
  inside: string;
  change: FieldChange;
}

/** A port that goes and one that comes for the same port of the container are one change. */
function portTexts(changes: readonly FieldChange[]): string[] {
  const all = changes.map((change): Published => {
    const text = change.field.slice("ports.".length).replace(/\/tcp$/, "");
    const cut = text.lastIndexOf(":");
    return { outside: cut < 0 ? "" : text.slice(0, cut), inside: text.slice(cut + 1), change };
  });
  const gone = all.filter(({ change }) => change.to === undefined);
  const come = all.filter(({ change }) => change.to !== undefined);
  const texts: string[] = [];
  for (const old of gone) {
    const same = come.findIndex(({ inside }) => inside === old.inside);
    const at = same >= 0 ? same : come.findIndex(({ outside }) => outside === old.outside);
    const [next] = at < 0 ? [] : come.splice(at, 1);
    if (next === undefined) texts.push(`port ${portText(old)} removed${drift(old.change)}`);
    else {
      const isShort = next.inside === old.inside && old.outside !== "" && next.outside !== "";
      const [from, to] = [old, next].map((one) => (isShort ? one.outside : portText(one)));
      texts.push(`port ${from} -> ${to}${drift(next.change)}`);
    }
  }
  return [...texts, ...come.map((one) => `port ${portText(one)} added${drift(one.change)}`)];
}

function portText({ outside, inside }: Published): string {
  return printableLine(outside === "" ? inside : `${outside}:${inside}`);
}

/** What a mount shows, without its target: `data`, `/srv/www (read-only)`, `tmpfs 64m`. */
function mountText(value: Printable): string {
  if (!isKeyed(value)) return valueText(value);
  const { type, source, readOnly, size, ...rest } = value;
  const what = typeof source === "string" ? source : String(type ?? "");
  const amount = typeof size === "number" ? ` ${formatBytes(size)}` : "";
  const more = [
    ...(readOnly === true ? ["read-only"] : []),
    ...Object.entries(rest).map(([key, one]) => `${composeKey(key)} ${String(one)}`),
  ];
  return printableLine(`${what}${amount}${more.length > 0 ? ` (${more.join(", ")})` : ""}`);
}

function valueText(value: Printable, form?: TextForm): string {
  if (typeof value === "number" && value >= 0) {
    if (form === "duration") return formatDuration(value);
    if (form === "bytes") return value === 0 ? "none" : formatBytes(value);
  }
  const isWords = Array.isArray(value) && value.every((one) => typeof one === "string");
  const text = isWords
    ? (value as string[]).map(wordText).join(" ")
    : typeof value === "string"
      ? value
      : JSON.stringify(value);
  const short = /^(?:sha256:|secret:)[0-9a-f]{64}$/.test(text) ? `${text.slice(0, 15)}…` : text;
  return printableLine(short.length > SHOWN ? `${short.slice(0, SHOWN)}…` : short);
}

function wordText(word: string): string {
  return word === "" || /[\s"']/.test(word) ? JSON.stringify(word) : word;
}

function isKeyed(value: Printable | undefined): value is { [key: string]: Printable } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
