// Which images a list or a prune means: Docker's filters on images.
import { FairleadError } from "../../../resources/model/errors.ts";
import { parseReference } from "../../../resources/model/reference.ts";
import { hasLabel, hasLabels, readTruth, readUntil } from "../filter.ts";
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
