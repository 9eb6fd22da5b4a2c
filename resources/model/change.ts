// What a diff says: per field from and to, and what that means for the object.
import type { FairleadError } from "./errors.ts";
import type { ChangeRule } from "./schema.ts";

/** A plain value that can be printed and serialised; secrets are hashed or masked before. */
export type Printable =
  | null
  | boolean
  | number
  | string
  | Printable[]
  | { [key: string]: Printable };

/** One field, or one key of a field, that differs. */
export interface FieldChange {
  /** As in `cpus`, `env.MODE` or `mounts./data`. */
  field: string;
  /** What is there; absent when nothing is. */
  from?: Printable;
  /** What shall be there; absent when it shall go away. */
  to?: Printable;
  rule: ChangeRule;
  /** `declared` when the declaration was edited, `drift` when someone changed the object. */
  cause: "declared" | "drift";
}

/** The answer of a diff; `refuse` when the change cannot be made without losing data. */
export type Change =
  | { action: "unchanged" }
  | { action: "create" }
  | { action: "update" | "replace"; fields: FieldChange[] }
  | { action: "refuse"; fields: FieldChange[]; error: FairleadError };
