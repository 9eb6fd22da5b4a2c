// The kinds of values in Docker's requests. Null is taken out before, see json.ts.
import * as z from "zod";

export const text = z.optional(z.string().check(z.maxLength(65_536)));
export const flag = z.optional(z.boolean());
export const integer = z.optional(z.int());
export const texts = z.optional(z.array(z.string().check(z.maxLength(131_072))));
export const textMap = z.optional(z.record(z.string(), z.string()));
export const anyMap = z.optional(z.record(z.string(), z.unknown()));
/** Docker takes a command as one word too. */
export const command = z.optional(z.union([z.array(z.string()), z.string()]));
