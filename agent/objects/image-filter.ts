// Which images a list or a prune means: Docker's filters on images.
import { FairleadError } from "../../resources/errors.ts";
import { parseReference } from "../../resources/reference.ts";
import { createdSeconds, familiar, type ShownImage } from "./image.ts";

export type ImageFilters = ReadonlyMap<string, readonly string[]>;

/** The images that meet every filter, with the names that `reference` picks. */
export function filterImages(
  images: readonly ShownImage[],
  filters: ImageFilters,
  find: (reference: string) => ShownImage,
): ShownImage[] {
  const tests = [...filters].flatMap(([key, values]) => testsOf(key, values, find));
  const patterns = filters.get("reference") ?? [];
  return images
    .filter((image) => tests.every((test) => test(image)))
    .map((image) => (patterns.length === 0 ? image : pickNames(image, patterns)))
    .filter(
      ({ record }) => patterns.length === 0 || record.tags.length + record.digests.length > 0,
    );
}

/** `10m`, `24h`, seconds since 1970, or RFC 3339: as seconds since 1970. */
export function readUntil(value: string, nowMs: number = Date.now()): number {
  const parts = [...value.matchAll(/(\d{1,9}(?:\.\d{1,9})?)(ns|us|µs|ms|s|m|h)/g)];
  if (parts.length > 0 && parts.map(([whole]) => whole).join("") === value) {
    const unit: Record<string, number> = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, µs: 1e-6 };
    const ago = parts.reduce((sum, [, n, name]) => sum + Number(n) * (unit[name ?? ""] ?? 1e-9), 0);
    return nowMs / 1000 - ago;
  }
  if (/^\d{1,12}(\.\d{1,9})?$/.test(value)) return Number(value);
  const ms = Date.parse(value);
  if (Number.isNaN(ms)) {
    throw new FairleadError("invalid", `until: ${JSON.stringify(value)} is no time`, {
      hint: "write a duration such as 24h, a time in RFC 3339, or seconds since 1970",
    });
  }
  return ms / 1000;
}

/** Whether every `key` or `key=value` is among the labels. */
export function hasLabels(
  labels: Readonly<Record<string, string>>,
  wanted: readonly string[],
): boolean {
  return wanted.every((one) => hasLabel(labels, one));
}

export function hasLabel(labels: Readonly<Record<string, string>>, wanted: string): boolean {
  const at = wanted.indexOf("=");
  const key = at < 0 ? wanted : wanted.slice(0, at);
  return Object.hasOwn(labels, key) && (at < 0 || labels[key] === wanted.slice(at + 1));
}

/** Docker's booleans in filters: exactly one of the two. */
export function readTruth(key: string, values: readonly string[]): boolean {
  const truths = values.map((value) => /^(1|true)$/i.test(value));
  const clear = values.length === 1 && /^(0|1|true|false)$/i.test(values[0] ?? "");
  if (!clear) throw new FairleadError("invalid", `invalid filter '${key}=${values.join(",")}'`);
  return truths[0] === true;
}

type Test = (image: ShownImage) => boolean;

function testsOf(
  key: string,
  values: readonly string[],
  find: (reference: string) => ShownImage,
): Test[] {
  if (values.length === 0) return [];
  const labels = (image: ShownImage) => image.document.config?.Labels ?? {};
  switch (key) {
    case "dangling": {
      const wanted = readTruth(key, values);
      return [({ record }) => (record.tags.length === 0) === wanted];
    }
    case "label":
      return [(image) => hasLabels(labels(image), values)];
    case "label!":
      return [(image) => !values.some((value) => hasLabel(labels(image), value))];
    case "before":
    case "since":
      return values.map((value) => byAge(key, find(value)));
    case "until":
      return values.map((value) => {
        const limit = readUntil(value);
        return ({ document }) => createdSeconds(document) < limit;
      });
    case "reference":
      return [];
    default:
      throw new FairleadError("invalid", `invalid filter '${key}'`);
  }
}

function byAge(key: "before" | "since", { document }: ShownImage): Test {
  const limit = createdSeconds(document);
  return (image) => {
    const created = createdSeconds(image.document);
    return key === "before" ? created < limit : created > limit;
  };
}

function pickNames(image: ShownImage, patterns: readonly string[]): ShownImage {
  const fits = (name: string) => patterns.some((pattern) => matchesName(pattern, name));
  const { tags, digests } = image.record;
  return {
    ...image,
    record: { ...image.record, tags: tags.filter(fits), digests: digests.filter(fits) },
  };
}

/** Docker matches the pattern with the short form of the name, with its tag and without. */
function matchesName(pattern: string, name: string): boolean {
  const { domain, path } = parseReference(name);
  const short = familiar(name);
  const bare = familiar(`${domain}/${path}`).replace(/:latest$/, "");
  return matchesGlob(pattern, short) || matchesGlob(pattern, bare);
}

/** `*` and `?` within a part between slashes, as Go's path.Match; each star goes back once only. */
export function matchesGlob(pattern: string, text: string): boolean {
  const [patterns, texts] = [pattern.split("/"), text.split("/")];
  return (
    patterns.length === texts.length && patterns.every((one, at) => part(one, texts[at] ?? ""))
  );
}

function part(pattern: string, text: string): boolean {
  let [at, from, star, mark] = [0, 0, -1, 0];
  while (from < text.length) {
    const wanted = pattern[at];
    if (wanted === "*") {
      star = at++;
      mark = from;
    } else if (wanted !== undefined && (wanted === "?" || wanted === text[from])) {
      at++;
      from++;
    } else if (star >= 0) {
      at = star + 1;
      from = ++mark;
    } else return false;
  }
  while (pattern[at] === "*") at++;
  return at === pattern.length;
}
