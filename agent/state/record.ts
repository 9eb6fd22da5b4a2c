// What a record is: a JSON object in a file of its own, which says of which version its form is.
import type * as z from "zod";
import { replaceFile } from "./durable-file.ts";

export interface RecordForm<T> {
  /** In a sentence, such as "the record of a container". */
  readonly what: string;
  /** What a person can do when one is unreadable. */
  readonly remedy: string;
  /** Written with each record; without it the form belongs to somebody else. */
  readonly version?: number;
  /** The value when it has the form, else an error that says where it has not. */
  check(value: unknown): T;
}

/** A form by its schema, which must let keys pass that it does not know. */
export function recordForm<T>(
  { what, remedy, version }: Pick<RecordForm<T>, "what" | "remedy" | "version">,
  schema: z.ZodType<unknown>,
): RecordForm<T> {
  return {
    what,
    remedy,
    ...(version === undefined ? {} : { version }),
    check: (value) => {
      const result = schema.safeParse(value);
      if (result.success) return result.data as T;
      const [issue] = result.error.issues;
      const place = issue?.path.join(".") || "the whole";
      throw new Error(`${place}: ${issue?.message ?? "not of the expected form"}`);
    },
  };
}

/** Writes a record; it is on the disk when this resolves. */
export async function writeRecord<T extends object>(
  form: RecordForm<T>,
  path: string,
  record: T,
): Promise<void> {
  const version = form.version === undefined ? {} : { version: form.version };
  await replaceFile(path, JSON.stringify({ ...version, ...record, ...version }));
}
