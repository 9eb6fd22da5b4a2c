// The provider's functions: image references taken apart, durations counted.
import {
  familiarReference,
  formatReference,
  parseReference,
} from "../../../resources/model/reference.ts";
import { formatDuration, parseDuration } from "../../../resources/model/units.ts";
import type { Value } from "../protocol/value.ts";
import type { AttributeType } from "./attribute.ts";
import { computed } from "./attribute.ts";

export interface ProviderFunction {
  summary: string;
  doc: string;
  parameters: { name: string; doc: string; type: AttributeType }[];
  returns: AttributeType;
  /** The result; throws an Error with a sentence for a bad argument. */
  call(...values: Value[]): Value;
}

const text: AttributeType = { kind: "string" };

const reference: AttributeType = {
  kind: "object",
  attributes: [
    ...[computed("domain", "Registry."), computed("path", "Repository.")],
    ...[computed("tag", "Tag."), computed("digest", "Digest.")],
    ...[computed("name", "As people write it."), computed("full", "With everything said.")],
  ],
};

export const FUNCTIONS: Record<string, ProviderFunction> = {
  parse_reference: {
    summary: "Takes an image reference apart",
    doc:
      "Gives `domain`, `path`, `tag` (`latest` when there is neither tag nor digest) and " +
      "`digest` (null when absent) of a reference, `name` as people write it, and `full` with " +
      "everything said.",
    parameters: [{ name: "reference", doc: "Such as `nginx:1.27`.", type: text }],
    returns: reference,
    call(value) {
      const parsed = parseReference(String(value));
      return {
        ...{ domain: parsed.domain, path: parsed.path },
        ...{ tag: parsed.tag ?? null, digest: parsed.digest ?? null },
        ...{ name: familiarReference(parsed), full: formatReference(parsed) },
      };
    },
  },
  duration_seconds: {
    summary: "Counts the seconds of a duration",
    doc: "The seconds of a duration as Compose writes it, such as `1m30s` or `500ms`.",
    parameters: [{ name: "duration", doc: "Such as `1m30s`.", type: text }],
    returns: { kind: "number", integer: false },
    call(value) {
      const ms = parseDuration(String(value));
      if (ms === undefined) throw new Error(`${JSON.stringify(value)} is not a duration`);
      return ms / 1000;
    },
  },
  format_duration: {
    summary: "Writes seconds as a duration",
    doc: "A duration such as `1m30s` for a number of seconds.",
    parameters: [{ name: "seconds", doc: "Such as 90.", type: { kind: "number", integer: false } }],
    returns: text,
    call(value) {
      const ms = Math.round(Number(value) * 1000);
      if (!Number.isSafeInteger(ms) || ms < 0) throw new Error("must be 0 or more seconds");
      return formatDuration(ms);
    },
  },
};
