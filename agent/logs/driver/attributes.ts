// What goes with each line by the options labels, env and their patterns. Does no I/O.
import { runInNewContext } from "node:vm";
import type { LogOptions, LogSource } from "./driver.ts";
import { invalid } from "./options.ts";

/** Chosen labels and variables of the container, by name; `invalid` for a bad pattern. */
export function extraAttributes(options: LogOptions, source: LogSource): Record<string, string> {
  const variables = source.env.flatMap((entry): [string, string][] => {
    const at = entry.indexOf("=");
    return at < 0 ? [] : [[entry.slice(0, at), entry.slice(at + 1)]];
  });
  const chosen = [
    ...choose(options, "labels", Object.entries(source.labels)),
    ...choose(options, "env", variables),
  ];
  return Object.fromEntries(chosen.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function choose(
  options: LogOptions,
  key: "labels" | "env",
  entries: [string, string][],
): [string, string][] {
  const names = entries.map(([name]) => name);
  const wanted = new Set([
    ...(options[key]?.split(",") ?? []),
    ...matching(`${key}-regex`, options[`${key}-regex`], names),
  ]);
  return entries.filter(([name]) => wanted.has(name));
}

const PATTERN_MS = 200;

/** Go's patterns take no more time than the text is long; these could hold up the agent. */
function matching(option: string, pattern: string | undefined, names: string[]): string[] {
  if (!pattern) return [];
  try {
    const test = "names.filter((name) => new RegExp(pattern).test(name)).join('\\n')";
    const found: unknown = runInNewContext(test, { names, pattern }, { timeout: PATTERN_MS });
    new RegExp(pattern);
    return String(found).split("\n");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === "ERR_SCRIPT_EXECUTION_TIMEOUT" ? "it takes too long" : message;
    throw invalid(`error parsing regexp of ${option}: ${reason}`);
  }
}
