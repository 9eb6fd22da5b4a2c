// The scalar types of the resources: sizes, durations, references, text that may be secret.
// Each accepts what people write and gives one normal form; checking a normal form is a no-op.
import { isIP } from "node:net";
import * as z from "zod";
import { FairleadError } from "./errors.ts";
import { familiarReference, parseReference } from "./reference.ts";
import { scalar } from "./schema.ts";
import { Secret } from "./secret.ts";
import { parseBytes, parseDuration } from "./units.ts";

/** Text without NUL and, for one-line fields, without control characters. */
export const text = z
  .string()
  .max(65_536)
  .refine((value) => !value.includes("\0"), {
    error: "must not contain a NUL character",
  });
export const line = z
  .string()
  .min(1)
  .max(4096)
  .refine((value) => !/[\0-\x1f\x7f]/.test(value), {
    error: "must be one line without control characters",
  });
export const bool = z.boolean();

export const bytes = scalar<string | number, number>(
  "bytes",
  "a number of bytes, or text such as 512m, 1.5gb",
  (value) => {
    const parsed = isText(value) ? parseBytes(value) : undefined;
    return parsed === undefined
      ? { problem: `${shown(value)} is not a size; write 512m, 1g or a number of bytes` }
      : { value: parsed };
  },
);

export const duration = scalar<string | number, number>(
  "duration",
  "text such as 1m30s, or a number of milliseconds",
  (value) => {
    const parsed = isText(value) ? parseDuration(value) : undefined;
    return parsed === undefined
      ? { problem: `${shown(value)} is not a duration; write 10s, 1m30s or 500ms` }
      : { value: parsed };
  },
);

export const reference = scalar<string, string>("reference", "an image reference", (value) => {
  if (typeof value !== "string") return { problem: "must be text" };
  if (/^sha256:[a-f0-9]{64}$/.test(value)) return { value };
  try {
    return { value: familiarReference(parseReference(value)) };
  } catch (error) {
    if (error instanceof FairleadError) return { problem: error.message };
    throw error;
  }
});

/** Text, or a value marked secret; numbers and booleans become text. */
export const secretText = scalar<string | number | boolean | Secret, string | Secret>(
  "text",
  "text, which may be marked secret",
  (value) => {
    if (value instanceof Secret) return { value };
    if (typeof value === "string" && !value.includes("\0")) return { value };
    if (typeof value === "boolean" || Number.isFinite(value)) return { value: String(value) };
    return { problem: "must be text without NUL characters" };
  },
);

/** What an engine accepts as the name of a container, network or volume. */
export const objectName = z
  .string()
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/, "must be letters, digits, '_', '.' or '-'");

export const absolutePath = line.refine((value) => value.startsWith("/"), {
  error: "must be an absolute path",
});

export const ip = z.string().refine((value) => isIP(value) !== 0, {
  error: "must be an IP address",
});

export const cidr = z.string().refine(
  (value) => {
    const [address = "", bits = "", ...rest] = value.split("/");
    const family = isIP(address);
    return (
      rest.length === 0 && family !== 0 && /^\d+$/.test(bits) && +bits <= (family === 4 ? 32 : 128)
    );
  },
  { error: "must be a network such as 10.5.0.0/16" },
);

export const labels = z.record(
  z
    .string()
    .min(1)
    .max(1024)
    .refine((key) => !key.startsWith("dev.fairlead."), {
      error: "labels under dev.fairlead. are fairlead's own",
    }),
  z.string().max(65_536),
);

export const stringMap = z.record(line, z.string().max(65_536));

function isText(value: unknown): value is string | number {
  return typeof value === "string" || typeof value === "number";
}

function shown(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 60) ?? "nothing";
}
