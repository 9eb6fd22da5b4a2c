// Keeps what was sealed out of every sentence that leaves the plugin.
import { shapeOf } from "../../../resources/kinds/shape.ts";
import { ALWAYS_SECRET } from "../schema/property.ts";
import { isObject, type PulumiObject, type PulumiValue, Sealed } from "../value.ts";

const SHORTEST = 4;
const MOST = 10_000;

// Of what resources are given, only connections have a host and a way to log in.
function isConnection(value: PulumiObject): boolean {
  const fields = Object.keys(value);
  return "host" in value && fields.every((field) => CONNECTION.has(field));
}
const CONNECTION = new Set(shapeOf("host").map(({ name }) => name));

// What lets somebody in, and jump hosts, which are connections. A key of one line is a file's name.
function mayTell(name: string, value: PulumiValue): boolean {
  if (name === "privateKey") return typeof value !== "string" || value.includes("\n");
  return ALWAYS_SECRET.has(name) || typeof value === "object";
}

export class Redactor {
  readonly #secrets = new Set<string>();

  /** Notes every sealed text in a value. */
  note(value: PulumiValue | undefined, under = false): void {
    if (value instanceof Sealed) this.note(value.value, true);
    else if (Array.isArray(value)) for (const one of value) this.note(one, under);
    else if (isObject(value)) {
      for (const [name, one] of Object.entries(value)) {
        // A connection is sealed whole, and an error about a host must be able to name it.
        if (!under || !isConnection(value) || mayTell(name, one)) this.note(one, under);
      }
    } else if (under && (typeof value === "string" || typeof value === "number")) this.#add(value);
  }

  /** The text with `[secret]` in place of every secret; short ones are words that occur anyway. */
  clean(text: string): string {
    let clean = text;
    const longestFirst = [...this.#secrets].sort((a, b) => b.length - a.length);
    for (const secret of longestFirst) clean = clean.replaceAll(secret, "[secret]");
    return clean;
  }

  #add(value: string | number): void {
    const text = String(value);
    if (text.length < SHORTEST || this.#secrets.size >= MOST) return;
    this.#secrets.add(text);
    // Errors quote values as JSON, and logs line by line.
    this.#secrets.add(JSON.stringify(text).slice(1, -1));
    const lines = text.split("\n").map((line) => line.trim());
    if (lines.length > 1) for (const line of lines) if (line.length > 15) this.#secrets.add(line);
  }
}
