// The part of Go's templates in which people ask `docker compose ps --format` for columns:
// `{{.Name}}`, `{{json .}}`, `table {{.Name}}\t{{.State}}`. What is more is refused.
import { FairleadError } from "../../../resources/model/errors.ts";

export type Row = Readonly<Record<string, string>>;
type Part = string | { field: string; json: boolean };

export interface RowTemplate {
  /** With `table` before it: a line of headings, and columns. */
  isTable: boolean;
  /** One row's cells; without `table` there is one. */
  cells(row: Row): string[];
  headings: string[];
}

const ACTION = /\{\{-?\s*(json\s+)?\.([A-Za-z]*)\s*-?\}\}/y;
const ESCAPES: Readonly<Record<string, string>> = { t: "\t", n: "\n" };

/** `invalid` for a template that says more than fields, or names one that rows lack. */
export function rowTemplate(text: string, fields: readonly string[]): RowTemplate {
  const [, table, body = ""] = /^(table\s+)?([\s\S]*)$/.exec(text) ?? [];
  const plain = body.replace(/\\([tn])/g, (_, letter: string) => ESCAPES[letter] ?? "");
  const isTable = table !== undefined;
  const columns = (isTable ? plain.split("\t") : [plain]).map((one) => partsOf(one, fields));
  return {
    isTable,
    headings: columns.map((parts) => parts.map(heading).join("")),
    cells: (row) => columns.map((parts) => parts.map((part) => shown(part, row)).join("")),
  };
}

function partsOf(text: string, fields: readonly string[]): Part[] {
  const parts: Part[] = [];
  let at = 0;
  while (at < text.length) {
    const next = text.indexOf("{{", at);
    if (next < 0) return [...parts, text.slice(at)];
    if (next > at) parts.push(text.slice(at, next));
    ACTION.lastIndex = next;
    const [whole, json, field = ""] = ACTION.exec(text) ?? [];
    if (whole === undefined) {
      throw refused(`${text.slice(next)} is more than a field`, "Write {{.Name}} or {{json .}}.");
    }
    if (!fields.includes(field) && !(field === "" && json !== undefined)) {
      throw refused(`there is no field .${field}`, `There are ${fields.join(", ")}.`);
    }
    parts.push({ field, json: json !== undefined });
    at = next + whole.length;
  }
  return parts;
}

function shown(part: Part, row: Row): string {
  if (typeof part === "string") return part;
  const value = part.field === "" ? row : (row[part.field] ?? "");
  return part.json ? JSON.stringify(value) : String(value);
}

/** As Docker heads a column: `CREATED AT` of `CreatedAt`. */
function heading(part: Part): string {
  if (typeof part === "string") return part;
  return part.field.replace(/(?<=[a-z])(?=[A-Z])/g, " ").toUpperCase();
}

function refused(message: string, hint: string): FairleadError {
  return new FairleadError("invalid", message, { path: "--format", hint });
}
